using System.Diagnostics;
using RawWs.Transport;

namespace RawWs.Load;

/// <summary>One thread's worth of connections, with the calls that the server's own event loops make.</summary>
/// <param name="spins">
/// Whether it asks the system without end instead of sleeping. A server then never pays for waking this program up, which is dear on a virtual machine.
/// </param>
internal sealed class LoadLoop(bool spins) : IDisposable
{
    private const int MaxEventsPerTurn = 512;
    private const uint Watched = InteropEventLoop.In | InteropEventLoop.Out | InteropEventLoop.PeerHungUp | InteropEventLoop.EdgeTriggered;

    private readonly Descriptor _epoll = InteropEventLoop.CreateEpoll();
    private readonly byte[] _events = InteropEventLoop.NewEvents(MaxEventsPerTurn);
    private readonly List<LoadConnection?> _connections = [];
    private long _idle;

    /// <summary>Where each connection receives: what has come is dealt with before the next asks.</summary>
    public byte[] Buffer { get; } = new byte[256 * 1024];

    /// <summary>When the loop last looked at the clock, as a timestamp of <see cref="Stopwatch"/>.</summary>
    public long Now { get; private set; } = Stopwatch.GetTimestamp();

    /// <summary>How long there has been nothing to do. While there is, the generator is not what is measured.</summary>
    public TimeSpan IdleTime => Stopwatch.GetElapsedTime(0, _idle);

    /// <summary>Watches a connection. Its <see cref="LoadConnection.Index"/> is what its news is told by.</summary>
    public void Add(LoadConnection connection, Descriptor socket)
    {
        while (_connections.Count <= connection.Index)
            _connections.Add(null);

        _connections[connection.Index] = connection;
        InteropEventLoop.Add(_epoll, socket, Watched, (ulong)connection.Index);
    }

    /// <summary>Looks at the clock.</summary>
    public long LookAtClock() => Now = Stopwatch.GetTimestamp();

    /// <summary>Waits for news, until <paramref name="until"/> at most, and lets the connections work.</summary>
    public void Turn(long until)
    {
        var asked = LookAtClock();

        // The system's waits have the grain of a millisecond; what is less is asked for without sleeping.
        var timeout = spins ? 0 : (int)Math.Clamp((until - asked) / (Stopwatch.Frequency / 1000), 0, 100);
        var count = InteropEventLoop.Wait(_epoll, _events, timeout);
        LookAtClock();
        if (count == 0 || timeout > 0)
            _idle += Now - asked;

        for (var index = 0; index < count; index++)
        {
            // News of a connection that another has followed in its place does no harm: it only makes that one look.
            var (events, token) = InteropEventLoop.EventAt(_events, index);
            _connections[(int)token]?.OnEvents(events);
        }
    }

    public void Dispose()
    {
        foreach (var connection in _connections)
            connection?.Dispose();

        _epoll.Dispose();
    }
}
