using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;

namespace RawWs.Transport;

/// <summary>An accepted socket.</summary>
internal sealed class SocketConnection : TransportConnection
{
    private readonly Socket _socket;
    private readonly SocketReader _reader;
    private readonly SocketWriter _writer;
    private int _ended;

    public SocketConnection(Socket socket, int maxReceiveSize = SegmentChain.MaxSegmentSize)
    {
        _socket = socket;
        RemoteEndPoint = socket.RemoteEndPoint;
        _reader = new SocketReader(socket, maxReceiveSize);
        _writer = new SocketWriter(socket);
    }

    /// <inheritdoc/>
    public override PipeReader Input => _reader;

    /// <inheritdoc/>
    public override PipeWriter Output => _writer;

    /// <inheritdoc/>
    public override EndPoint? LocalEndPoint
    {
        get
        {
            try
            {
                return _socket.LocalEndPoint;
            }
            catch (ObjectDisposedException)
            {
                // Aborted meanwhile, from another thread.
                return null;
            }
        }
    }

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint { get; }

    /// <inheritdoc/>
    public override void Abort()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
            return;

        SocketSettings.ResetOnClose(_socket);
        _socket.Dispose();
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
            _socket.Dispose();

        _reader.Dispose();
        _writer.Dispose();
        return default;
    }
}
