using System.Buffers;
using System.Net;
using System.Text;

namespace RawWs.Protocol;

/// <summary>
/// The head of an HTTP/1.1 request (RFC 9112 §2–§5), read strictly: <c>request-line CRLF *( field-line CRLF ) CRLF</c>. It keeps its
/// place between calls, looks at each byte once however they are split, and copies nothing as long as the head lies in one segment.
/// </summary>
/// <remarks>Stricter than RFC 9112 where leniency has been used to smuggle requests: a bare LF, obs-fold and leading white space are refused.</remarks>
internal sealed partial class RequestHead(RequestHeadLimits limits) : IDisposable
{
    private HeaderField[] _fields = new HeaderField[16];
    private int _fieldCount;

    private ReadOnlyMemory<byte> _bytes;
    private byte[] _gathered = [];
    private int _gatheredLength;

    private int _lineStart;
    private int _searched;
    private bool _hasRequestLine;

    private Range _method;
    private Range _target;

    /// <summary>The method as it was sent; methods are case-sensitive.</summary>
    public ReadOnlySpan<byte> Method => _bytes.Span[_method];

    /// <summary>What the request line asks for.</summary>
    public RequestTarget Target { get; private set; }

    /// <summary>Whether what is asked for is this host's; see <see cref="RequestTarget.IsFor"/>.</summary>
    public bool IsFor(ReadOnlySpan<byte> host) => RequestTarget.IsFor(_bytes.Span[_target], host);

    /// <summary>Whether the client speaks HTTP/1.0, which has neither upgrades nor chunks, and ends a connection after one response.</summary>
    public bool IsHttp10 { get; private set; }

    /// <summary>How many header fields there are.</summary>
    public int FieldCount => _fieldCount;

    /// <summary>Reads the head and moves <paramref name="input"/> past it.</summary>
    /// <returns>
    /// <see langword="false"/>, with <paramref name="input"/> untouched, if the head is not all there yet: the caller offers it again from
    /// the same start, with more behind it.
    /// </returns>
    /// <exception cref="RequestRefusedException">No continuation of these bytes could be a head that we accept.</exception>
    public bool TryRead(ref ReadOnlySequence<byte> input)
    {
        _bytes = input.IsSingleSegment ? input.First : Gather(input);
        var bytes = _bytes.Span;

        while (true)
        {
            CheckFirstByte(bytes);

            var lineFeed = bytes[_searched..].IndexOf((byte)'\n');
            if (lineFeed < 0)
            {
                _searched = bytes.Length;
                CheckSize(bytes[_lineStart..], bytes.Length);
                return false;
            }

            var lineEnd = _searched + lineFeed;
            var nextLine = lineEnd + 1;
            CheckSize(bytes[_lineStart..lineEnd], nextLine);

            if (lineEnd == _lineStart || bytes[lineEnd - 1] != '\r')
                throw Refused("a line ends with CR LF");

            var line = _lineStart..(lineEnd - 1);
            (_lineStart, _searched) = (nextLine, nextLine);

            if (ReadLine(bytes, line))
            {
                input = input.Slice(nextLine);
                _bytes = _bytes[..nextLine];
                return true;
            }
        }
    }

    /// <summary>Gives memory back. What was read from the head must not be used any more.</summary>
    public void Dispose()
    {
        _bytes = default;
        if (_gathered.Length == 0)
            return;

        ArrayPool<byte>.Shared.Return(_gathered);
        _gathered = [];
    }

    /// <returns>Whether the head ends with this line.</returns>
    private bool ReadLine(ReadOnlySpan<byte> bytes, Range line)
    {
        var isEmpty = line.Start.Value == line.End.Value;
        if (!_hasRequestLine)
        {
            // RFC 9112 §2.2: "a server ... SHOULD ignore at least one empty line (CRLF) received prior to the request-line".
            if (isEmpty && line.Start.Value == 0)
                return false;

            ReadRequestLine(bytes, line);
            _hasRequestLine = true;
            return false;
        }

        if (isEmpty)
            return true;

        ReadFieldLine(bytes, line);
        return false;
    }

    // RFC 9112 §3: request-line = method SP request-target SP HTTP-version
    private void ReadRequestLine(ReadOnlySpan<byte> bytes, Range range)
    {
        var line = bytes[range];
        var methodLength = line.IndexOf((byte)' ');
        var versionStart = line.LastIndexOf((byte)' ') + 1;

        if (methodLength < 0 || versionStart <= methodLength + 1 || !HttpGrammar.IsToken(line[..methodLength]))
            throw Refused("the request line is malformed");

        ReadVersion(line[versionStart..]);

        var start = range.Start.Value;
        _method = start..(start + methodLength);
        _target = (start + methodLength + 1)..(start + versionStart - 1);
        Target = RequestTarget.Read(bytes[_target]);
    }

    // RFC 9110 §2.5: within a major version, whoever speaks a higher minor one is understood.
    private void ReadVersion(ReadOnlySpan<byte> version)
    {
        if (version.Length != 8 || !version.StartsWith("HTTP/"u8) || !char.IsAsciiDigit((char)version[5]) || version[6] != '.' || !char.IsAsciiDigit((char)version[7]))
            throw Refused("the HTTP version is malformed");

        if (version[5] != '1')
            throw new RequestRefusedException(HttpStatusCode.HttpVersionNotSupported, "this server speaks HTTP/1.1");

        IsHttp10 = version[7] == '0';
    }

    // RFC 9112 §5: field-line = field-name ":" OWS field-value OWS
    private void ReadFieldLine(ReadOnlySpan<byte> bytes, Range range)
    {
        var line = bytes[range];
        var colon = line.IndexOf((byte)':');

        // A token has no white space, so that obs-fold and a space before the colon fail here too.
        if (colon < 0 || !HttpGrammar.IsToken(line[..colon]))
            throw Refused("a header field is malformed");

        var value = HttpGrammar.Trim(line[(colon + 1)..]);
        if (!HttpGrammar.IsFieldValue(value))
            throw Refused("a header value holds a control character");

        if (_fieldCount == limits.MaxHeaderCount)
            throw TooLarge("the request has too many header fields");

        if (_fieldCount == _fields.Length)
            Array.Resize(ref _fields, 2 * _fields.Length);

        var start = range.Start.Value;
        var valueStart = colon + 1 + (line[(colon + 1)..].Length - line[(colon + 1)..].TrimStart(" \t"u8).Length);
        _fields[_fieldCount++] = new HeaderField(
            Name: start..(start + colon),
            Value: (start + valueStart)..(start + valueStart + value.Length));
    }

    // No need to wait for the rest of what is not HTTP, such as a TLS handshake.
    private void CheckFirstByte(ReadOnlySpan<byte> bytes)
    {
        if (!_hasRequestLine && bytes.Length > _lineStart && bytes[_lineStart] != '\r' && !HttpGrammar.IsToken(bytes.Slice(_lineStart, 1)))
            throw Refused("this is not an HTTP request");
    }

    private void CheckSize(ReadOnlySpan<byte> line, int headLength)
    {
        // Without its end, whose first byte may be here before the second.
        var lineLength = line.EndsWith("\r"u8) ? line.Length - 1 : line.Length;
        if (!_hasRequestLine && lineLength > limits.MaxRequestLineSize)
            throw new RequestRefusedException(HttpStatusCode.RequestUriTooLong, "the request line is too long");

        if (headLength > limits.MaxRequestHeadSize)
            throw TooLarge("the request head is too large");
    }

    /// <summary>Copies what is new of a head that lies in several segments behind what was copied before.</summary>
    private ReadOnlyMemory<byte> Gather(in ReadOnlySequence<byte> input)
    {
        // One byte more than the limit is enough to see that it is exceeded.
        if (_gathered.Length == 0)
            _gathered = ArrayPool<byte>.Shared.Rent(limits.MaxRequestHeadSize + 1);

        var fresh = input.Slice(_gatheredLength);
        fresh = fresh.Slice(0, Math.Min(fresh.Length, limits.MaxRequestHeadSize + 1 - _gatheredLength));
        fresh.CopyTo(_gathered.AsSpan(_gatheredLength));
        _gatheredLength += (int)fresh.Length;
        return _gathered.AsMemory(0, _gatheredLength);
    }

    private static RequestRefusedException Refused(string reason) => new(HttpStatusCode.BadRequest, reason);

    private static RequestRefusedException TooLarge(string reason) => new(HttpStatusCode.RequestHeaderFieldsTooLarge, reason);

    /// <summary>The request line and the header fields, for a debugger.</summary>
    public override string ToString() => Encoding.Latin1.GetString(_bytes.Span);
}
