using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace RawWs.Load;

/// <summary>A client in as few bytes as possible: fifteen thousand of them must not be what is measured.</summary>
/// <remarks>One may read while others send. What is wrong with an answer throws an <see cref="InvalidDataException"/>.</remarks>
internal sealed class LoadClient : IDisposable
{
    private static readonly byte[] NormalClose = ClientFrames.CloseOf(1000);

    private readonly Socket _socket;
    private readonly SemaphoreSlim _sending = new(1);
    private readonly byte[] _buffer;
    private int _start;
    private int _end;
    private int _payloadLength;

    private LoadClient(Socket socket, int bufferSize) => (_socket, _buffer) = (socket, new byte[bufferSize]);

    /// <summary>The opcode of the frame that was read last.</summary>
    public byte Opcode { get; private set; }

    /// <summary>The payload of the frame that was read last, until the next is read.</summary>
    public ReadOnlySpan<byte> Payload => _buffer.AsSpan(_start - _payloadLength, _payloadLength);

    /// <summary>The code of the close frame that was read last; 1005 for none (RFC 6455 §7.1.5).</summary>
    public int CloseCode => _payloadLength >= 2 ? BinaryPrimitives.ReadUInt16BigEndian(Payload) : 1005;

    /// <param name="server">On this machine.</param>
    /// <param name="bufferSize">The longest frame that can be read, with its header.</param>
    /// <param name="kernelBufferSize">What the system may keep for who reads slowly; 0 for what it does by itself.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<LoadClient> ConnectAsync(
        IPEndPoint server, int bufferSize = 512, int kernelBufferSize = 0, CancellationToken cancellationToken = default)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (kernelBufferSize > 0)
                socket.ReceiveBufferSize = kernelBufferSize;

            SourceAddresses.BindNext(socket, server);
            await socket.ConnectAsync(server, cancellationToken);
            return new LoadClient(socket, bufferSize);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Connects, and opens the WebSocket connection.</summary>
    /// <inheritdoc cref="ConnectAsync"/>
    public static async Task<LoadClient> OpenAsync(
        IPEndPoint server, string path, int bufferSize = 512, int kernelBufferSize = 0, CancellationToken cancellationToken = default)
    {
        var client = await ConnectAsync(server, bufferSize, kernelBufferSize, cancellationToken);
        try
        {
            await client.SendAsync(UpgradeRequests.Of(server, path), cancellationToken);
            await client.ReadHeadAsync(cancellationToken);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            while (bytes.Length > 0)
                bytes = bytes[await _socket.SendAsync(bytes, cancellationToken)..];
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Reads the next frame. Pings are answered on the way.</summary>
    /// <returns>Whether there is one: not after the end.</returns>
    public async ValueTask<bool> ReadFrameAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            while (!TryTakeFrame())
            {
                if (!await FillAsync(cancellationToken))
                    return false;
            }

            if (Opcode != ClientFrames.Ping)
                return true;

            await SendAsync(ClientFrames.Of(ClientFrames.Pong, Payload), cancellationToken);
        }
    }

    /// <summary>Sends a frame, and checks that its payload comes back.</summary>
    public async ValueTask EchoAsync(ReadOnlyMemory<byte> frame, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        await SendAsync(frame, cancellationToken);
        if (!await ReadFrameAsync(cancellationToken))
            throw new EndOfStreamException("The server ended the connection instead of echoing.");
        if (!Payload.SequenceEqual(payload.Span))
            throw new InvalidDataException($"Not the echo of what was sent: opcode {Opcode:X}, {_payloadLength} bytes{(Opcode == ClientFrames.Close ? $", close {CloseCode}" : "")}.");
    }

    /// <summary>The closing handshake, to the end of TCP. What comes before the close frame is discarded.</summary>
    public async ValueTask CloseAsync(CancellationToken cancellationToken)
    {
        await SendAsync(NormalClose, cancellationToken);
        do
        {
            if (!await ReadFrameAsync(cancellationToken))
                throw new EndOfStreamException("The server ended the connection without a close frame.");
        }
        while (Opcode != ClientFrames.Close);

        await ReadToEndAsync(cancellationToken);
    }

    /// <summary>Discards everything until the end of TCP.</summary>
    public async ValueTask ReadToEndAsync(CancellationToken cancellationToken)
    {
        do
        {
            _start = _end = 0;
        }
        while (await FillAsync(cancellationToken));
    }

    /// <summary>Reads a few bytes of whatever comes.</summary>
    /// <returns>Whether there were any.</returns>
    public async ValueTask<bool> ReadBytesAsync(int count, CancellationToken cancellationToken)
        => await _socket.ReceiveAsync(_buffer.AsMemory(0, count), cancellationToken) > 0;

    /// <summary>Drops the connection with a reset instead of an end.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(enable: true, seconds: 0);
        _socket.Dispose();
    }

    public void Dispose() => _socket.Dispose();

    private async ValueTask ReadHeadAsync(CancellationToken cancellationToken)
    {
        int length;
        while ((length = _buffer.AsSpan(0, _end).IndexOf("\r\n\r\n"u8)) < 0)
        {
            if (!await FillAsync(cancellationToken))
                throw new EndOfStreamException("The server ended the connection instead of answering the handshake.");
        }

        if (!_buffer.AsSpan().StartsWith("HTTP/1.1 101 "u8))
            throw new InvalidDataException($"The server answered the handshake with {System.Text.Encoding.ASCII.GetString(_buffer.AsSpan(0, length)).Split('\r')[0]}.");

        _start = length + 4;
    }

    private async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
            throw new InvalidDataException($"The server sent more in one piece than the {_end} bytes that were expected at most.");

        var count = await _socket.ReceiveAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += count;
        return count > 0;
    }

    private bool TryTakeFrame()
    {
        var unread = _buffer.AsSpan(_start, _end - _start);
        if (unread.Length < 2)
            return false;

        // A server's frames are not masked, and none here needs eight bytes of length.
        var headerLength = unread[1] == 126 ? 4 : 2;
        if (unread.Length < headerLength)
            return false;

        var length = headerLength == 4 ? BinaryPrimitives.ReadUInt16BigEndian(unread[2..]) : unread[1];
        if (unread.Length < headerLength + length)
            return false;

        Opcode = (byte)(unread[0] & 0x0F);
        _payloadLength = length;
        _start += headerLength + length;
        return true;
    }
}
