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
        var loops = Enter();
        try
        {
            return EventLoopListener.Begin(endPoint, this, loops, options, time);
        }
        catch
        {
            Leave();
            throw;
        }
    }

    /// <summary>Makes a connection of an accepted socket. Where it throws, the socket is still the caller's.</summary>
    /// <param name="accepted">The socket.</param>
    /// <param name="localEndPoint">Our end, where that is known without asking the system.</param>
    /// <exception cref="SocketException">The system can't watch any more.</exception>
    public EventLoopConnection TakeOver(AcceptedSocket accepted, EndPoint? localEndPoint)
    {
        var loops = Enter();
        try
        {
            var connection = new EventLoopConnection(LeastLoaded(loops), accepted, settings.RunsSessionsInline, options.MaxReceiveSize)
            {
                KnownLocalEndPoint = localEndPoint,
            };
            connection.Begin();
            return connection;
        }
        catch
        {
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
                loops.Add(new EventLoop(this, loops.Count, options.OnLoopFailed));
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
            if (loop.WatchedCount < least.WatchedCount)
                least = loop;
        }

        return least;
    }
}
