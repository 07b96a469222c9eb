using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RawWs.Testing;

/// <summary>
/// A client that says exactly what it is told to, however wrong, and shows exactly what comes back. Every wait is bounded, so that a test that would
/// hang fails instead.
/// </summary>
public sealed class WireClient : IAsyncDisposable
{
    /// <summary>A well-formed opening handshake with the key of RFC 6455 §1.3, up to its empty line; headers may be added.</summary>
    public const string Handshake =
        "GET /echo HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    private readonly Stream _input;
    private readonly Stream _output;
    private readonly Action _abort;
    private readonly Action _endSending;
    private readonly UnreadBytes _unread = new();
    private Func<bool> _isServerWaiting = () => throw new NotSupportedException("Only an in-memory server can be looked at.");

    private WireClient(Stream input, Stream output, Action endSending, Action abort)
        => (_input, _output, _endSending, _abort) = (input, output, endSending, abort);

    /// <summary>Connects over TCP or a Unix socket.</summary>
    /// <param name="endPoint">Where the server listens.</param>
    /// <param name="receiveBufferSize">What the kernel keeps for a client that does not read; 0 for its default.</param>
    public static async Task<WireClient> ConnectAsync(EndPoint endPoint, int receiveBufferSize = 0)
    {
        var socket = endPoint is IPEndPoint
            ? new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        if (receiveBufferSize > 0)
            socket.ReceiveBufferSize = receiveBufferSize;

        using var timeout = new CancellationTokenSource(LongestWait);
        await socket.ConnectAsync(endPoint, timeout.Token).ConfigureAwait(false);
        var stream = new NetworkStream(socket, ownsSocket: true);
        return new WireClient(stream, stream, () => socket.Shutdown(SocketShutdown.Send), () => Reset(socket));
    }

    /// <summary>Speaks over any stream, which it disposes.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="endSending">Ends its sending side.</param>
    /// <param name="abort">Drops the connection beneath it.</param>
    public static WireClient Over(Stream stream, Action endSending, Action abort) => new(stream, stream, endSending, abort);

    /// <summary>Speaks over the client's end of an in-memory connection.</summary>
    public static WireClient Over(InMemoryConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return new WireClient(connection.Input.AsStream(), connection.Output.AsStream(leaveOpen: true), () => connection.Output.Complete(), connection.Abort)
        {
            _isServerWaiting = () => connection.IsPeerWaiting,
        };
    }

    /// <summary>Waits until the server has taken everything that was sent and waits for more. In memory only.</summary>
    public async Task WaitUntilServerWaitsAsync()
    {
        using var timeout = new CancellationTokenSource(LongestWait);
        while (!_isServerWaiting())
        {
            timeout.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    /// <summary>Sends bytes as they are.</summary>
    public async Task SendAsync(params byte[][] pieces)
    {
        ArgumentNullException.ThrowIfNull(pieces);
        using var timeout = new CancellationTokenSource(LongestWait);
        foreach (var piece in pieces)
        {
            await _output.WriteAsync(piece, timeout.Token).ConfigureAwait(false);
            await _output.FlushAsync(timeout.Token).ConfigureAwait(false);
        }
    }

    /// <summary>Sends text as it is, a byte for each character.</summary>
    public Task SendAsync(string text) => SendAsync(Encoding.Latin1.GetBytes(text));

    /// <summary>Sends bytes one at a time.</summary>
    public async Task SendByteByByteAsync(byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        foreach (var octet in bytes)
            await SendAsync([octet]).ConfigureAwait(false);
    }

    /// <summary>Does the opening handshake.</summary>
    /// <param name="headers">More header lines, each ended by CR LF.</param>
    /// <param name="path">The path.</param>
    /// <returns>The head of the response.</returns>
    /// <exception cref="InvalidOperationException">It was refused.</exception>
    public async Task<string> OpenAsync(string headers = "", string path = "/echo")
    {
        await SendAsync(Handshake.Replace("/echo", path, StringComparison.Ordinal) + headers + "\r\n").ConfigureAwait(false);
        var head = await ReadHeadAsync().ConfigureAwait(false);
        return head.StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal)
            ? head
            : throw new InvalidOperationException("The handshake was refused: " + head);
    }

    /// <summary>Reads the head of a response, its empty line included.</summary>
    public async Task<string> ReadHeadAsync()
    {
        int length;
        while ((length = _unread.IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!await FillAsync().ConfigureAwait(false))
                throw new EndOfStreamException("The connection ended before the end of a head.");
        }

        return Encoding.Latin1.GetString(_unread.Take(length + 4));
    }

    /// <summary>Reads one HTTP response, with as much content as its head announces.</summary>
    /// <param name="isHead">Whether it answers a HEAD request, and has no content whatever it announces.</param>
    public async Task<WireResponse> ReadResponseAsync(bool isHead = false)
    {
        var head = await ReadHeadAsync().ConfigureAwait(false);
        if (isHead || WireResponse.NeverHasContent(head))
            return new WireResponse(head, []);

        if (WireResponse.IsChunked(head))
            return new WireResponse(head, await ReadChunksAsync().ConfigureAwait(false));

        return new WireResponse(head, WireResponse.LengthOf(head) is { } length
            ? await ReadExactlyAsync(length).ConfigureAwait(false)
            : await ReadToEndAsync().ConfigureAwait(false));
    }

    /// <summary>Reads so many bytes.</summary>
    public Task<byte[]> ReadBytesAsync(int count) => ReadExactlyAsync(count);

    /// <summary>Reads one frame of the server's.</summary>
    /// <exception cref="InvalidDataException">It is masked.</exception>
    public async Task<WireFrame> ReadFrameAsync()
    {
        var start = await ReadExactlyAsync(2).ConfigureAwait(false);
        if ((start[1] & 0x80) != 0)
            throw new InvalidDataException("A server must not mask its frames.");

        var length = start[1] switch
        {
            126 => BinaryPrimitives.ReadUInt16BigEndian(await ReadExactlyAsync(2).ConfigureAwait(false)),
            127 => (int)BinaryPrimitives.ReadUInt64BigEndian(await ReadExactlyAsync(8).ConfigureAwait(false)),
            var small => small,
        };

        return new WireFrame(start[0], await ReadExactlyAsync(length).ConfigureAwait(false));
    }

    /// <summary>Reads everything up to the end of the connection.</summary>
    /// <exception cref="IOException">It did not end in an orderly way.</exception>
    public async Task<byte[]> ReadToEndAsync()
    {
        while (await FillAsync().ConfigureAwait(false))
        {
        }

        return _unread.Take(_unread.Count);
    }

    /// <summary>Reads one byte more than there should be.</summary>
    /// <returns>Whether the connection has ended in an orderly way.</returns>
    public async Task<bool> IsAtEndAsync() => _unread.Count == 0 && !await FillAsync().ConfigureAwait(false);

    /// <summary>Ends the sending side (FIN).</summary>
    public void EndSending() => _endSending();

    /// <summary>Drops the connection (RST).</summary>
    public void Abort() => _abort();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _input.DisposeAsync().ConfigureAwait(false);
            await _output.DisposeAsync().ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The server was faster.
        }
    }

    private async Task<byte[]> ReadChunksAsync()
    {
        var content = new List<byte>();
        while (true)
        {
            var size = int.Parse(await ReadLineAsync().ConfigureAwait(false), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            content.AddRange(await ReadExactlyAsync(size).ConfigureAwait(false));
            if (await ReadLineAsync().ConfigureAwait(false) is not "")
                throw new InvalidDataException("A chunk does not end with an empty line.");

            if (size == 0)
                return [.. content];
        }
    }

    private async Task<string> ReadLineAsync()
    {
        var line = new StringBuilder();
        while (!line.ToString().EndsWith("\r\n", StringComparison.Ordinal))
            line.Append((char)(await ReadExactlyAsync(1).ConfigureAwait(false))[0]);

        return line.ToString()[..^2];
    }

    private async Task<byte[]> ReadExactlyAsync(int count)
    {
        while (_unread.Count < count)
        {
            if (!await FillAsync().ConfigureAwait(false))
                throw new EndOfStreamException($"The connection ended after {_unread.Count} of {count} bytes.");
        }

        return _unread.Take(count);
    }

    private async Task<bool> FillAsync()
    {
        using var timeout = new CancellationTokenSource(LongestWait);
        var buffer = new byte[64 * 1024];
        try
        {
            var count = await _input.ReadAsync(buffer, timeout.Token).ConfigureAwait(false);
            _unread.Add(buffer.AsSpan(0, count));
            return count > 0;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Nothing came within {LongestWait.TotalSeconds} s.");
        }
    }

    internal static void Reset(Socket socket)
    {
        socket.LingerState = new LingerOption(enable: true, seconds: 0);
        socket.Dispose();
    }
}
