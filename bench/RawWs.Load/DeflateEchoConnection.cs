using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RawWs.Load;

/// <summary>
/// A connection that sends compressed frames that were made before, and reads what comes back by its length: the generator must not be what is measured.
/// </summary>
internal sealed class DeflateEchoConnection(Socket socket, byte[][] frames) : IDisposable
{
    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _buffered;
    private int _next;

    public static async Task<DeflateEchoConnection> OpenAsync(Uri url, byte[][] frames, bool takeover, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new DnsEndPoint(url.Host, url.Port), cancellationToken);

        // Our side never refers back, so that a frame may be sent at any time; whether the server's does is what --takeover says.
        var offer = "permessage-deflate; client_no_context_takeover" + (takeover ? "" : "; server_no_context_takeover");
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"GET {url.PathAndQuery} HTTP/1.1\r\nHost: {url.Authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
            $"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Extensions: {offer}\r\n\r\n"), cancellationToken);

        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await socket.ReceiveAsync(one, cancellationToken) == 0)
                throw new InvalidOperationException("The server closed instead of answering.");
            head.Append((char)one[0]);
        }

        return head.ToString().Contains("permessage-deflate", StringComparison.OrdinalIgnoreCase)
            ? new DeflateEchoConnection(socket, frames)
            : throw new InvalidOperationException($"The server does not compress; start it with compression on. It said:\n{head}");
    }

    /// <summary>Sends the message and waits for its echo.</summary>
    /// <returns>The length of the echo's payload as it was on the wire.</returns>
    public async ValueTask<int> EchoAsync(CancellationToken cancellationToken)
    {
        await socket.SendAsync(frames[_next++ % frames.Length], cancellationToken);

        while (true)
        {
            if (TryTakeFrame(out var first, out var length))
            {
                if ((first & 0x0F) is not (0x1 or 0x2))
                    throw new InvalidOperationException($"The server sent a frame that begins with {first:X2}.");
                return length;
            }

            var count = await socket.ReceiveAsync(_buffer.AsMemory(_buffered), cancellationToken);
            _buffered += count > 0 ? count : throw new InvalidOperationException("The server closed.");
        }
    }

    public void Dispose() => socket.Dispose();

    private bool TryTakeFrame(out byte first, out int length)
    {
        (first, length) = (_buffer[0], 0);
        if (_buffered < 4)
            return false;

        var header = (_buffer[1] & 0x7F) switch { 126 => 4, 127 => 10, _ => 2 };
        if (_buffered < header)
            return false;

        length = header switch
        {
            2 => _buffer[1],
            4 => BinaryPrimitives.ReadUInt16BigEndian(_buffer.AsSpan(2)),
            _ => (int)BinaryPrimitives.ReadUInt64BigEndian(_buffer.AsSpan(2)),
        };

        var total = header + length;
        if (_buffered < total)
            return false;

        _buffer.AsSpan(total, _buffered - total).CopyTo(_buffer);
        _buffered -= total;
        return true;
    }
}
