using System.IO.Pipelines;
using System.Net;

namespace RawWs.Transport;

/// <summary>An accepted socket that belongs to an event loop.</summary>
internal sealed class EventLoopConnection : TransportConnection
{
    private readonly EventLoopReader _reader;
    private readonly EventLoopWriter _writer;
    private readonly EndPoint? _otherRemoteEndPoint;
    private readonly PackedEndPoint _remoteEndPoint;
    private readonly bool _isInline;
    private bool _isDisposed;
    private int _ended;

    public EventLoopConnection(EventLoop loop, AcceptedSocket accepted, bool isInline, int maxReceiveSize)
    {
        _isInline = isInline;
        if (accepted.RemoteEndPoint is IPEndPoint address)
            _remoteEndPoint = new PackedEndPoint(address);
        else
            _otherRemoteEndPoint = accepted.RemoteEndPoint;

        _writer = new EventLoopWriter(accepted.Descriptor, loop, isInline);
        _reader = new EventLoopReader(_writer, isInline, maxReceiveSize);
    }

    /// <summary>Our end, where that is known without asking the system.</summary>
    public EndPoint? KnownLocalEndPoint { get; init; }

    /// <inheritdoc/>
    public override PipeReader Input => _reader;

    /// <inheritdoc/>
    public override PipeWriter Output => _writer;

    /// <inheritdoc/>
    public override PipeScheduler Scheduler => _isInline ? Loop : PipeScheduler.ThreadPool;

    /// <inheritdoc/>
    public override EndPoint? LocalEndPoint
    {
        get
        {
            try
            {
                return KnownLocalEndPoint ?? (Volatile.Read(ref _ended) == 0 ? Loop.Shared(InteropEventLoop.LocalEndPointOf(Socket)) : null);
            }
            catch (ObjectDisposedException)
            {
                // Aborted meanwhile, from another thread.
                return null;
            }
        }
    }

    /// <inheritdoc/>
    public override EndPoint? RemoteEndPoint => _remoteEndPoint.IsEmpty ? _otherRemoteEndPoint : _remoteEndPoint.Unpack();

    // The writer knows them: a reference more is 8 bytes of each connection.
    private Descriptor Socket => _writer.Socket;

    private EventLoop Loop => _writer.Loop;

    /// <summary>Lets the loop watch it.</summary>
    /// <exception cref="System.Net.Sockets.SocketException">The system can't watch any more.</exception>
    public void Begin() => Loop.Add(_reader, Socket, EventLoopReader.WatchedEvents);

    /// <inheritdoc/>
    public override void Abort()
    {
        if (Interlocked.Exchange(ref _ended, 1) != 0)
            return;

        InteropEventLoop.ResetOnClose(Socket);
        Close();

        // Nobody is called from here: whoever aborts may hold locks. And not on the loop: somebody may be keeping it.
        _writer.OnAborted();
        _reader.OnAborted();
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        // The loops have one user less for it, and not two.
        if (Interlocked.Exchange(ref _isDisposed, true))
            return default;

        if (Interlocked.Exchange(ref _ended, 1) == 0)
            Close();

        _reader.Dispose();
        _writer.Dispose();
        Loop.Group.Leave();
        return default;
    }

    /// <summary>Closes the socket on the loop, which uses it without holding it open.</summary>
    private void Close()
    {
        if (Loop.IsInTurn)
            CloseHere();
        else
            Loop.Schedule(static connection => ((EventLoopConnection)connection!).CloseHere(), this);
    }

    private void CloseHere()
    {
        // In this order: its number may be somebody else's as soon as it is closed.
        Loop.Remove(_reader);
        _writer.CloseSocket();
    }
}
