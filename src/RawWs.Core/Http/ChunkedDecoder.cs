using System.Buffers;
using System.Buffers.Text;
using System.Net;
using RawWs.Protocol;

namespace RawWs.Http;

/// <summary>
/// Takes a body out of its chunks (RFC 9112 §7.1), strictly: <c>*( 1*HEXDIG [ chunk-ext ] CRLF chunk-data CRLF ) 1*"0" [ chunk-ext ] CRLF *( field-line CRLF )
/// CRLF</c>. Keeps its place between calls, and holds nothing.
/// </summary>
/// <param name="maxLength">Bytes in the body; more is answered with 413, as soon as a chunk announces it.</param>
/// <remarks>
/// Stricter than RFC 9112: no white space around a size. Extensions and trailers are read over, within limits: they cost their sender nothing, and nobody here
/// asks for them.
/// </remarks>
internal sealed class ChunkedDecoder(long maxLength)
{
    /// <summary>Bytes in the line before a chunk, its extensions included.</summary>
    public const int MaxSizeLineLength = 256;

    /// <summary>Bytes in the extensions of all chunks of one body.</summary>
    public const int MaxExtensionsLength = 4_096;

    /// <summary>Bytes in all trailer fields of one body, their line ends included.</summary>
    public const int MaxTrailersLength = 4_096;

    // More digits than any size needs, so that leading zeros do not go on for ever.
    private const int MaxSizeDigits = 16;

    private State _state = State.SizeLine;
    private long _remaining;
    private long _length;
    private int _extensionsLength;
    private int _trailersLength;

    private enum State
    {
        SizeLine,
        Data,
        DataEnd,
        Trailers,
        Complete,
    }

    /// <summary>Whether the body has ended, trailers included.</summary>
    public bool IsComplete => _state == State.Complete;

    /// <summary>Moves <paramref name="input"/> past the next piece of the body, and past what frames it.</summary>
    /// <returns>The piece, of at most <paramref name="maxCount"/> bytes; empty if the body has ended or its rest is not here yet.</returns>
    /// <exception cref="RequestRefusedException">No continuation of these bytes could be a body that we accept.</exception>
    public ReadOnlySequence<byte> Read(ref ReadOnlySequence<byte> input, int maxCount)
    {
        while (true)
        {
            switch (_state)
            {
                case State.SizeLine when TryReadLine(ref input, MaxSizeLineLength, HttpStatusCode.BadRequest, out var line):
                    ReadSizeLine(line);
                    break;

                case State.Data when !input.IsEmpty:
                    return TakeData(ref input, maxCount);

                case State.DataEnd when TryReadDataEnd(ref input):
                    _state = State.SizeLine;
                    break;

                case State.Trailers when TryReadLine(ref input, MaxTrailersLength - _trailersLength, HttpStatusCode.RequestHeaderFieldsTooLarge, out var line):
                    ReadTrailer(line);
                    break;

                default:
                    return default;
            }
        }
    }

    private ReadOnlySequence<byte> TakeData(ref ReadOnlySequence<byte> input, int maxCount)
    {
        var piece = input.Slice(0, Math.Min(Math.Min(input.Length, _remaining), maxCount));
        input = input.Slice(piece.End);
        _remaining -= piece.Length;
        if (_remaining == 0)
            _state = State.DataEnd;

        return piece;
    }

    private void ReadSizeLine(ReadOnlySpan<byte> line)
    {
        var digits = line.IndexOf((byte)';') is >= 0 and var semicolon ? line[..semicolon] : line;
        var extensions = line[digits.Length..];

        if (digits.Length is 0 or > MaxSizeDigits || !Utf8Parser.TryParse(digits, out ulong size, out var consumed, 'x') || consumed != digits.Length)
            throw Refused("the size of a chunk is malformed");

        // RFC 9112 §7.1.1: a limit on "the total length of chunk extensions received in a request".
        _extensionsLength += extensions.Length;
        if (!HttpGrammar.IsFieldValue(extensions) || _extensionsLength > MaxExtensionsLength)
            throw Refused("the extension of a chunk is malformed or too long");

        if (size > (ulong)(maxLength - _length))
            throw new RequestRefusedException(HttpStatusCode.RequestEntityTooLarge, "the body is too large");

        _remaining = (long)size;
        _length += _remaining;
        _state = size == 0 ? State.Trailers : State.Data;
    }

    private static bool TryReadDataEnd(ref ReadOnlySequence<byte> input)
    {
        Span<byte> end = stackalloc byte[2];
        var here = input.Slice(0, Math.Min(input.Length, end.Length));
        here.CopyTo(end);
        if (!"\r\n"u8.StartsWith(end[..(int)here.Length]))
            throw Refused("a chunk ends with CR LF");

        if (here.Length < end.Length)
            return false;

        input = input.Slice(here.End);
        return true;
    }

    private void ReadTrailer(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty)
        {
            _state = State.Complete;
            return;
        }

        var colon = line.IndexOf((byte)':');
        if (colon < 0 || !HttpGrammar.IsToken(line[..colon]) || !HttpGrammar.IsFieldValue(line[(colon + 1)..]))
            throw Refused("a trailer field is malformed");

        _trailersLength += line.Length + 2;
    }

    /// <param name="input">Moved past the line and its end.</param>
    /// <param name="maxLength">Bytes in the line, its end included.</param>
    /// <param name="tooLong">What answers a longer one.</param>
    /// <param name="line">The line without its end.</param>
    private static bool TryReadLine(ref ReadOnlySequence<byte> input, int maxLength, HttpStatusCode tooLong, out ReadOnlySpan<byte> line)
    {
        line = default;
        var window = input.Slice(0, Math.Min(input.Length, maxLength));
        if (window.PositionOf((byte)'\n') is not { } lineFeed)
        {
            return window.Length < maxLength ? false : throw new RequestRefusedException(tooLong, "a line of the body's framing is too long");
        }

        var whole = window.Slice(0, input.GetPosition(1, lineFeed));
        var bytes = whole.IsSingleSegment ? whole.FirstSpan : whole.ToArray();
        if (!bytes.EndsWith("\r\n"u8))
            throw Refused("a line ends with CR LF");

        line = bytes[..^2];
        input = input.Slice(whole.End);
        return true;
    }

    private static RequestRefusedException Refused(string reason) => new(HttpStatusCode.BadRequest, reason);
}
