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
    /// <summary>
    /// How much a turn looks at. Linux gives the memory of what was received back to the processor that it came from, which takes it with its own network traffic; when 33 pieces wait there, it
    /// interrupts that one, at the expense of whoever received the last (<c>skb_attempt_defer_free</c>). So no more are received in a row, and then our own sends give that processor something to do.
    /// </summary>
    private const int MaxEventsPerTurn = 32, MaxWorkPerTurn = 64;

    /// <summary>How many calls are made in a row, which are no fewer than a turn receives, and the bytes that they may move: more would not stay in the processor's cache until it is looked at.</summary>
    private const int MaxCallsInARow = 64, MaxSizeInARow = 256 * 1024;

    private const ulong WakeToken = ulong.MaxValue;

    [ThreadStatic]
    private static EventLoop? _loopOfThread;

    private readonly Descriptor _epoll;
    private readonly Descriptor _wake;
    private readonly byte[] _events = InteropEventLoop.NewEvents(MaxEventsPerTurn);
    private readonly ConcurrentQueue<(Action<object?> Action, object? State)> _work = new();
    private readonly List<Receiver> _receivers = [];
    private readonly SocketCall[] _calls = new SocketCall[MaxCallsInARow];
    private readonly BufferSegment?[] _lent = new BufferSegment?[MaxCallsInARow];
    private readonly List<TurnEnd> _turnEnds = [];
    private readonly List<Flush> _flushes = [];
    private readonly EventLoopSlots _slots = new();
    private readonly LoopMemory _memory = new();
    private readonly Action<Exception>? _onFailed;
    private EndPoint? _localEndPoint;
    private long _turn;
    private int _lentCount;
    private bool _mustTrim;
    private int _isAwake;
    private int _flushSize;
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

    /// <summary>Receives for somebody whose pending read has been taken, in a row with others. Called for what the system has told in this turn.</summary>
    public void ReceiveLater(EventLoopReader reader) => _receivers.Add(new Receiver(reader));

    /// <summary>Sends for somebody in a row with others. Called at the end of a turn.</summary>
    /// <param name="writer">Who sends.</param>
    /// <param name="bytes">What is sent. It does not change until <see cref="EventLoopWriter.TryEndSend"/>.</param>
    /// <param name="flusher">Who is told of the end.</param>
    public void SendLater(EventLoopWriter writer, ArraySegment<byte> bytes, ITurnWriter.IFlusher flusher)
    {
        _calls[_flushes.Count].Move(bytes);
        _flushes.Add(new Flush(writer, flusher));
        _flushSize += bytes.Count;
    }

    /// <summary>In which piece of the memory that it lends the one has received whose read ends at the moment.</summary>
    public int LentIndex { get; private set; }

    /// <summary>A piece of the memory that is lent until the turn ends.</summary>
    public BufferSegment LentAt(int index) => _lent[index]!; // There is one for each read of the turn.

    /// <summary>Whether that is what the one has received in whose read ends at the moment.</summary>
    public bool IsLent(byte[] array) => _lent[LentIndex]?.Has(array) == true;

    /// <summary>Gives it to the one whose read ends at the moment: it is lent to nobody any more.</summary>
    public BufferSegment TakeLent()
    {
        var lent = LentAt(LentIndex);
        _lent[LentIndex] = null;
        return lent;
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
            var (events, token) = InteropEventLoop.EventAt(_events, index);
            if (token != WakeToken && _slots.Find(token) is { } watched)
                Serve(watched, events);
        }

        for (var begun = 0; begun < _receivers.Count;)
            begun += ReceiveInARow(CollectionsMarshal.AsSpan(_receivers)[begun..]);

        _receivers.Clear();

        // What is put in from here on has the next turn, and so has what is too much, as when the pings of a crowd are due: others come in between.
        for (var count = Math.Min(_work.Count, MaxWorkPerTurn); count > 0 && _work.TryDequeue(out var work); count--)
            Run(work.Action, work.State);

        // Of these each may lead to others.
        for (var index = 0; index < _turnEnds.Count; index++)
        {
            End(_turnEnds[index].Work);
            if (_flushes.Count == MaxCallsInARow || _flushSize >= MaxSizeInARow || index == _turnEnds.Count - 1)
                SendInARow();
        }

        _turnEnds.Clear();
        _lentCount = 0;
        if (_mustTrim)
            Trim();
    }

    /// <summary>Receives for the first of them, so many as may be at once, and lets their sessions work.</summary>
    /// <returns>For how many.</returns>
    private int ReceiveInARow(ReadOnlySpan<Receiver> receivers)
    {
        var count = 0;
        for (var size = 0; count < receivers.Length && count < MaxCallsInARow && size < MaxSizeInARow; count++)
        {
            BeginReceive(receivers[count].Reader, ref _calls[count], ref _lent[_lentCount + count]);
            size += _calls[count].Count;
        }

        var calls = _calls.AsSpan(0, count);
        InteropEventLoop.ReceiveInARow(calls);
        for (var index = 0; index < count; index++)
        {
            LentIndex = _lentCount + index;
            EndReceive(receivers[index].Reader, in calls[index]);
        }

        calls.Clear();
        _lentCount += count;
        return count;
    }

    private void SendInARow()
    {
        var flushes = CollectionsMarshal.AsSpan(_flushes);
        var calls = _calls.AsSpan(0, flushes.Length);
        for (var index = 0; index < calls.Length; index++)
            calls[index].Socket = flushes[index].Writer.SocketOrNone;

        InteropEventLoop.SendInARow(calls);
        for (var index = 0; index < calls.Length; index++)
            EndSend(flushes[index], in calls[index]);

        calls.Clear();
        _flushes.Clear();
        _flushSize = 0;
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

    private void BeginReceive(EventLoopReader reader, ref SocketCall call, ref BufferSegment? lent)
    {
        try
        {
            reader.BeginReceive(ref call, lent ??= _memory.TryRent(SegmentChain.MinSegmentSize)!); // It has any of that size.
        }
        catch (Exception error)
        {
            // There is no memory left: it is as if the socket were closed.
            call.Socket = Descriptor.None;
            _onFailed?.Invoke(error);
        }
    }

    private void EndReceive(EventLoopReader reader, in SocketCall call)
    {
        try
        {
            reader.EndReceive(call);
        }
        catch (Exception error)
        {
            _onFailed?.Invoke(error);
        }
    }

    private void EndSend(in Flush flush, in SocketCall call)
    {
        try
        {
            if (flush.Writer.TryEndSend(call))
                flush.Flusher.OnFlushed();
            else
                flush.Flusher.OnFlushed(flush.Writer.FlushRest(call));
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
        foreach (ref var lent in _lent.AsSpan())
        {
            lent?.Return();
            lent = null;
        }

        _memory.Trim();
    }

    private void RunElsewhere()
    {
        while (_work.TryDequeue(out var work))
            System.Threading.ThreadPool.UnsafeQueueUserWorkItem(work.Action, work.State, preferLocal: false);
    }

    // A list of values stores them without asking for their type.
    private readonly record struct Receiver(EventLoopReader Reader);

    private readonly record struct Flush(EventLoopWriter Writer, ITurnWriter.IFlusher Flusher);

    private readonly record struct TurnEnd(ITurnEnd Work);
}
