using System.Collections.Concurrent;
using System.Net;
using System.Runtime.InteropServices;

namespace RawWs.Transport;

/// <summary>
/// A thread that waits for the news of its connections, and lets each of them work. What they write during a turn can leave at its end, with one call for each
/// connection, however many messages that are.
/// </summary>
internal sealed partial class EventLoop : TurnScheduler
{
    /// <summary>
    /// How much a turn looks at. Linux gives the memory of what was received back to the processor that it came from, which takes it with its own network traffic; when 33 pieces wait there, it
    /// interrupts that one, at the expense of whoever received the last (<c>skb_attempt_defer_free</c>). So no more are received in a row, and then our own sends give that processor something to do.
    /// </summary>
    private const int MaxEventsPerTurn = 32, MaxWorkPerTurn = 64;

    private const ulong WakeToken = ulong.MaxValue;

    /// <summary>How far ahead what is needed is loaded, where what that needs in turn is loaded one ahead.</summary>
    private const int FarAhead = 3;

    [ThreadStatic]
    private static EventLoop? _loopOfThread;

    private readonly Descriptor _epoll;
    private readonly Descriptor _wake;
    private readonly byte[] _events = InteropEventLoop.NewEvents(MaxEventsPerTurn);
    private readonly ConcurrentQueue<(Action<object?> Action, object? State)> _work = new();
    private readonly List<TurnEnd> _turnEnds = [];
    private readonly EventLoopSlots _slots = new();
    private readonly LoopMemory _memory = new();
    private readonly Action<Exception>? _onFailed;
    private EndPoint? _localEndPoint;
    private long _turn;
    private bool _mustTrim;
    private int _isAwake;
    private bool _isStopping;
    private bool _isStopped;

    /// <param name="group">Its group.</param>
    /// <param name="number">Which loop of its group it is.</param>
    /// <param name="onFailed">Is told of what nobody has caught.</param>
    /// <exception cref="IOException">There are no descriptors left.</exception>
    public EventLoop(EventLoopGroup group, int number, Action<Exception>? onFailed)
    {
        (Group, _onFailed) = (group, onFailed);
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

    /// <summary>The loops that it is one of.</summary>
    public EventLoopGroup Group { get; }

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

    /// <summary>Forgets a socket that is about to be closed, which ends the watching: it is one that nobody else has.</summary>
    public void Remove(IWatched watched) => _slots.Remove(watched);

    /// <summary>
    /// Ends the watching of a socket that somebody else may have too. Closing a descriptor of it would not: the system would go on waking us in the place of whoever accepts from it.
    /// </summary>
    public void Remove(IWatched watched, SafeHandle socket)
    {
        InteropEventLoop.Remove(_epoll, socket);
        _slots.Remove(watched);
    }

    /// <inheritdoc/>
    public override void AtEndOfTurn(ITurnEnd work) => _turnEnds.Add(new TurnEnd(work));

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
    public void TrimMemory() => Schedule(static loop => ((EventLoop)loop!)._mustTrim = true, this);

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
        for (var index = 0; index < eventCount; index++)
        {
            if (index + FarAhead < eventCount && TokenAt(index + FarAhead) is var far && far != WakeToken)
                _slots.Load(far);

            if (index + 1 < eventCount && Find(TokenAt(index + 1)) is { } next)
                next.Prepare();

            if (Find(TokenAt(index)) is { } watched)
                Serve(watched, InteropEventLoop.EventAt(_events, index).Events);
        }

        ReceiveInRows();

        // What is put in from here on has the next turn, and so has what is too much, as when the pings of a crowd are due: others come in between.
        for (var count = Math.Min(_work.Count, MaxWorkPerTurn); count > 0 && _work.TryDequeue(out var work); count--)
            Run(work.Action, work.State);

        // Of these each may lead to others.
        for (var index = 0; index < _turnEnds.Count; index++)
        {
            End(_turnEnds[index].Work);
            if (IsRowFull || index == _turnEnds.Count - 1)
                SendInARow();
        }

        _turnEnds.Clear();
        EndLending();
        if (_mustTrim)
            Trim();
    }

    private ulong TokenAt(int index) => InteropEventLoop.EventAt(_events, index).Token;

    private IWatched? Find(ulong token) => token == WakeToken ? null : _slots.Find(token);

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

    // When the turn has ended, for until then it is lent.
    private void Trim()
    {
        _mustTrim = false;
        ReturnLent();
        _memory.Trim();
    }

    private void RunElsewhere()
    {
        while (_work.TryDequeue(out var work))
            System.Threading.ThreadPool.UnsafeQueueUserWorkItem(work.Action, work.State, preferLocal: false);
    }

    // A list of values stores them without asking for their type.
    private readonly record struct TurnEnd(ITurnEnd Work);
}
