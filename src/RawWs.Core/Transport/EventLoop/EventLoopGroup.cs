using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace RawWs.Transport;

/// <summary>The loops of a server. They run while somebody listens or a connection is there, and end by themselves.</summary>
/// <param name="settings">How many, and what they do.</param>
/// <param name="options">What applies to all sockets.</param>
/// <param name="time">The clock.</param>
[SuppressMessage("Design", "CA1001", Justification = "The watchdog ends with the last user, and may begin again.")]
internal sealed class EventLoopGroup(EventLoopTransportOptions settings, SocketTransportOptions options, TimeProvider time) : ITransport
{
    private readonly Lock _gate = new();
    private EventLoop[] _loops = [];
    private LoopWatchdog? _watchdog;
    private int _userCount;

    /// <summary>How many loops there are at this moment.</summary>
    public int LoopCount => Volatile.Read(ref _loops).Length;

    /// <inheritdoc/>
    public ITransportListener Listen(EndPoint endPoint)
    {
        Enter();
        try
        {
            return new EventLoopListener(SocketListener.Start(endPoint, options, time, TakeOver), this);
        }
        catch
        {
            Leave();
            throw;
        }
    }

    /// <summary>Makes a connection of an accepted socket, which is empty afterwards.</summary>
    /// <exception cref="SocketException">The peer has gone already, or the system can't watch any more.</exception>
    [SuppressMessage("Usage", "CA1816", Justification = "It is the socket that must not close what it does not have any more.")]
    public EventLoopConnection TakeOver(Socket socket)
    {
        SocketSettings.Apply(socket, options);
        var (remote, local) = (socket.RemoteEndPoint, socket.AddressFamily == AddressFamily.Unix ? socket.LocalEndPoint : null);

        var loops = Enter();
        var descriptor = new Descriptor(socket.Handle);
        try
        {
            var connection = new EventLoopConnection(this, LeastLoaded(loops), descriptor, remote, settings.RunsSessionsInline, options.MaxReceiveSize)
            {
                UnixEndPoint = local,
            };
            connection.Begin();

            // The descriptor is ours from here on. The runtime's handle would reset the connection when it is closed without its socket.
            socket.SafeHandle.SetHandleAsInvalid();
            GC.SuppressFinalize(socket);
            return connection;
        }
        catch
        {
            // It still belongs to the socket.
            descriptor.SetHandleAsInvalid();
            Leave();
            throw;
        }
    }

    /// <summary>The loops have a user less.</summary>
    public void Leave()
    {
        EventLoop[] unused = [];
        lock (_gate)
        {
            if (--_userCount == 0)
            {
                unused = _loops;
                _loops = [];
                _watchdog!.Dispose(); // It is there as long as the loops.
            }
        }

        foreach (var loop in unused)
            loop.Stop();
    }

    private EventLoop[] Enter()
    {
        lock (_gate)
        {
            if (_loops.Length == 0)
            {
                _loops = Start();
                _watchdog = new LoopWatchdog(_loops, settings.StallTimeout, time, options.OnLoopStalled);
            }

            _userCount++;
            return _loops;
        }
    }

    private EventLoop[] Start()
    {
        var loops = new List<EventLoop>();
        try
        {
            while (loops.Count < settings.LoopCount)
                loops.Add(new EventLoop(loops.Count, options.OnLoopFailed));
        }
        catch
        {
            loops.ForEach(loop => loop.Stop());
            throw;
        }

        return [.. loops];
    }

    private static EventLoop LeastLoaded(EventLoop[] loops)
    {
        var least = loops[0];
        foreach (var loop in loops)
        {
            if (loop.ConnectionCount < least.ConnectionCount)
                least = loop;
        }

        return least;
    }
}
