using System.Collections.Concurrent;
using System.Net;
using System.Runtime.InteropServices;

namespace RawWs.Transport;

/// <summary>
/// A thread that waits for the news of its connections, and lets each of them work. What they write during a turn can leave at its end, with one call for each
/// connection, however many messages that are.
/// </summary>
internal sealed class EventLoop : TurnScheduler
{
    private const int MaxEventsPerTurn = 64, MaxWorkPerTurn = 64;

    /// <summary>What the receiving of a turn puts off, of one connection and of all: more would not stay in the processor's cache until it is looked at.</summary>
    private const int MaxDeferredSize = 32 * 1024, MaxDeferredSizeOfAll = 128 * 1024;

    private const ulong WakeToken = ulong.MaxValue;

    [ThreadStatic]
    private static EventLoop? _loopOfThread;

    private readonly Descriptor _epoll;
    private readonly Descriptor _wake;
    private readonly byte[] _events = InteropEventLoop.NewEvents(MaxEventsPerTurn);
    private readonly ConcurrentQueue<(Action<object?> Action, object? State)> _work = new();
    private readonly List<Delivery> _deliveries = [];
    private readonly List<TurnEnd> _turnEnds = [];
    private readonly EventLoopSlots _slots = new();
    private readonly LoopMemory _memory = new();
    private readonly Action<Exception>? _onFailed;
    private EndPoint? _localEndPoint;
    private long _turn;
    private int _isAwake;
    private int _deferredSize;
    private bool _isReceiving;
    private bool _isStopping;
    private bool _isStopped;

    /// <param name="number">Which loop of its group it is.</param>
    /// <param name="onFailed">Is told of what nobody has caught.</param>
    /// <exception cref="IOException">There are no descriptors left.</exception>
    public EventLoop(int number, Action<Exception>? onFailed)
    {
        _onFailed = onFailed;
        _epoll = InteropEventLoop.CreateEpoll();
        try
        {
            _wake = InteropEventLoop.CreateEvent();
        }
        catch
        {
            _epoll.Dispose();
            throw;
        }

        InteropEventLoop.Add(_epoll, _wake, InteropEventLoop.In | InteropEventLoop.EdgeTriggered, WakeToken);
        new Thread(Run) { IsBackground = true, Name = $"RawWs loop {number}" }.UnsafeStart();
    }

    /// <inheritdoc/>
    public override bool IsInTurn => _loopOfThread == this;

    /// <summary>How much it watches: its connections, and whatever all loops watch.</summary>
    public int WatchedCount => _slots.Count;

    /// <summary>Changes whenever a turn begins or ends; odd during a turn.</summary>
    public long Turn => Volatile.Read(ref _turn);

    /// <summary>Begins to watch a socket, whose news are told once. The first may come before this returns.</summary>
    /// <param name="watched">Who is told.</param>
    /// <param name="socket">The socket.</param>
    /// <param name="events">What is told, and how.</param>
    /// <exception cref="System.Net.Sockets.SocketException">The system can't watch any more.</exception>
    public void Add(IWatched watched, SafeHandle socket, uint events)
    {
        _slots.Add(watched);
        try
        {
            InteropEventLoop.Add(_epoll, socket, events | InteropEventLoop.EdgeTriggered, watched.Token);
        }
        catch
        {
            _slots.Remove(watched);
            throw;
        }
    }

    /// <summary>Forgets a socket that is about to be closed, which ends the watching.</summary>
    public void Remove(IWatched watched) => _slots.Remove(watched);

    /// <inheritdoc/>
    public override void AtEndOfTurn(ITurnEnd work) => _turnEnds.Add(new TurnEnd(work));

    /// <summary>Lets somebody deliver what has been received once others have received what has come for them, too. Called on the loop's thread.</summary>
    /// <param name="reader">Who delivers.</param>
    /// <param name="length">How many bytes.</param>
    /// <returns>Whether that will be so; otherwise they have, or it is too much, and it is to be delivered now.</returns>
    public bool TryDeferDelivery(EventLoopReader reader, long length)
    {
        if (!_isReceiving || length > MaxDeferredSize)
            return false;

        _deliveries.Add(new Delivery(reader));
        _deferredSize += (int)length;
        return true;
    }

    /// <summary>Runs <paramref name="action"/> in the next turn.</summary>
    public override void Schedule(Action<object?> action, object? state)
    {
        _work.Enqueue((action, state));

        // Whoever puts in the first thing since the loop looked wakes it; the exchange also orders that look and the enqueueing.
        if (Interlocked.Exchange(ref _isAwake, 1) == 0)
            Wake();

        if (Volatile.Read(ref _isStopped))
            RunElsewhere();
    }

    /// <summary>An end point that is equal to <paramref name="local"/>, and mostly one that other connections have too: our end is the same for many.</summary>
    public EndPoint? Shared(EndPoint? local)
    {
        if (Volatile.Read(ref _localEndPoint) is { } last && last.Equals(local))
            return last;

        Volatile.Write(ref _localEndPoint, local);
        return local;
    }

    /// <summary>Lets go of memory that was not needed since the last time.</summary>
    public void TrimMemory() => Schedule(static memory => ((LoopMemory)memory!).Trim(), _memory);

    /// <summary>Ends the thread. Nobody has a connection here any more.</summary>
    public void Stop()
    {
        Volatile.Write(ref _isStopping, true);
        Wake();
    }

    private void Run()
    {
        _loopOfThread = this;
        LoopMemory.OfThread = _memory;
        while (!Volatile.Read(ref _isStopping))
        {
            // From here on whoever has work for the loop wakes it.
            Interlocked.Exchange(ref _isAwake, 0);
            var count = InteropEventLoop.Wait(_epoll, _events, _work.IsEmpty ? Timeout.Infinite : 0);
            Volatile.Write(ref _isAwake, 1);

            Volatile.Write(ref _turn, _turn + 1);
            TakeTurn(count);
            Volatile.Write(ref _turn, _turn + 1);
        }

        Interlocked.Exchange(ref _isStopped, true);
        RunElsewhere();
        _epoll.Dispose();
        _wake.Dispose();
    }

    // In steps, one for all connections after the other: what a step needs stays in the processor's cache, from which each call that sends drives everything else.
    private void TakeTurn(int eventCount)
    {
        _isReceiving = true;
        for (var index = 0; index < eventCount; index++)
        {
            var (events, token) = InteropEventLoop.EventAt(_events, index);
            if (token != WakeToken && _slots.Find(token) is { } watched)
                Serve(watched, events);

            if (_deferredSize >= MaxDeferredSizeOfAll)
                DeliverDeferred();
        }

        _isReceiving = false;
        DeliverDeferred();

        // What is put in from here on has the next turn, and so has what is too much, as when the pings of a crowd are due: others come in between.
        for (var count = Math.Min(_work.Count, MaxWorkPerTurn); count > 0 && _work.TryDequeue(out var work); count--)
            Run(work.Action, work.State);

        // Of these each may lead to others.
        for (var index = 0; index < _turnEnds.Count; index++)
            End(_turnEnds[index].Work);

        _turnEnds.Clear();
    }

    private void DeliverDeferred()
    {
        foreach (var delivery in CollectionsMarshal.AsSpan(_deliveries))
            Deliver(delivery.Reader);

        _deliveries.Clear();
        _deferredSize = 0;
    }

    // The top of the loop: whatever one connection does wrong, the others go on.
    private void Serve(IWatched watched, uint events)
    {
        try
        {
            watched.OnEvents(events);
        }
        catch (Exception error)
        {
            _onFailed?.Invoke(error);
        }
    }

    private void Deliver(EventLoopReader reader)
    {
        try
        {
            reader.DeliverDeferred();
        }
        catch (Exception error)
        {
            _onFailed?.Invoke(error);
        }
    }

    private void Run(Action<object?> action, object? state)
    {
        try
        {
            action(state);
        }
        catch (Exception error)
        {
            _onFailed?.Invoke(error);
        }
    }

    private void End(ITurnEnd work)
    {
        try
        {
            work.OnTurnEnd();
        }
        catch (Exception error)
        {
            _onFailed?.Invoke(error);
        }
    }

    private void Wake()
    {
        try
        {
            InteropEventLoop.Signal(_wake);
        }
        catch (ObjectDisposedException)
        {
            // It has stopped.
        }
    }

    private void RunElsewhere()
    {
        while (_work.TryDequeue(out var work))
            System.Threading.ThreadPool.UnsafeQueueUserWorkItem(work.Action, work.State, preferLocal: false);
    }

    // A list of values stores them without asking for their type.
    private readonly record struct Delivery(EventLoopReader Reader);

    private readonly record struct TurnEnd(ITurnEnd Work);
}
