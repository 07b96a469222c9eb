namespace RawWs.Transport;

/// <summary>
/// Reads a socket on the thread that finds its bytes. Whether there may be something to receive is a flag: the loop sets it when the system has news, which it
/// tells once, and whoever receives clears it before asking, so that none is lost between the two. A wait is a state and holds nothing.
/// </summary>
internal sealed class EventLoopReader(EventLoopWriter writer, bool isInline, int maxReceiveSize)
    : SegmentReader(maxReceiveSize, continuesAsynchronously: !isInline), IWatched, IThreadPoolWorkItem, IDisposable
{
    /// <summary>What the loop watches the socket for.</summary>
    public const uint WatchedEvents = InteropEventLoop.In | InteropEventLoop.Out | InteropEventLoop.PeerHungUp;

    /// <summary>About as large are a reader, a writer, and who waits for a read.</summary>
    public const int LoadedSize = 128;

    private const uint ReadableEvents = InteropEventLoop.In | LastEvents;
    private const uint LastEvents = InteropEventLoop.PeerHungUp | InteropEventLoop.HungUp | InteropEventLoop.Error;
    private const uint WritableEvents = InteropEventLoop.Out | InteropEventLoop.HungUp | InteropEventLoop.Error;

    // Who may complete the pending read, decided by one compare-and-swap.
    private const int Idle = 0, Waiting = 1, Queued = 2;

    private int _state = Idle;
    private int _isReadable;
    private volatile bool _isAborted;
    private volatile bool _isLast;

    // Whoever goes on on another thread may be late: what is lent is not theirs.
    private readonly bool _mayBorrow = isInline && maxReceiveSize >= SegmentChain.MinSegmentSize;

    private EventLoop Loop => writer.Loop;

    private bool HasNews => Volatile.Read(ref _isReadable) == 1 || IsCanceled || _isAborted;

    /// <inheritdoc/>
    public ulong Token { get; set; }

    /// <summary>Gives back all memory. The socket is closed and nobody reads any more.</summary>
    public void Dispose() => Chain.Return();

    /// <inheritdoc/>
    /// <remarks>Told here and not to the connection, which no message needs otherwise: what many need each time is to lie close together.</remarks>
    public void OnEvents(uint events)
    {
        if ((events & WritableEvents) != 0)
            writer.OnWritable();

        if ((events & ReadableEvents) != 0)
            OnReadable(isLast: (events & LastEvents) != 0);
    }

    /// <inheritdoc/>
    public void Prepare() => ProcessorCache.Load(writer, LoadedSize);

    /// <summary>Its read will end soon: begins to load the one who waits for that.</summary>
    public void LoadWaiter()
    {
        if (Waiter is { } waiter)
            ProcessorCache.Load(waiter, LoadedSize);
    }

    /// <summary>Lets the one who waits, who has been loaded, prepare for the end of the read.</summary>
    public void PrepareWaiter() => Waiter?.Prepare();

    /// <summary>What is to be called for the one whose pending read has been taken. Nobody else's code runs from here to <see cref="EndReceive"/>.</summary>
    /// <param name="call">The call, which is all set to zero.</param>
    /// <param name="lent">Memory for what is received, for as long as <see cref="EndReceive"/> takes; of the size that most need.</param>
    public void BeginReceive(ref SocketCall call, BufferSegment lent)
    {
        // Cleared before the system is asked: what comes after that sets it again.
        if (Volatile.Read(ref _isReadable) == 1)
            Interlocked.Exchange(ref _isReadable, 0);

        call.Move(_mayBorrow && Chain.FirstSegment is null && Chain.NextSegmentSize <= SegmentChain.MinSegmentSize ? lent.FreePart : RoomPart());
        call.Socket = writer.SocketOrNone;
    }

    /// <summary>The call has been made: completes the read that was pending, or lets it wait again.</summary>
    public void EndReceive(in SocketCall call)
    {
        if (call.Result > 0 && Chain.FirstSegment is null)
        {
            NoteReceived(isFull: call.Result == call.Count);
            writer.MayBorrow = true;
            DeliverLent(call.Result);
            writer.MayBorrow = false;
        }
        else if (TryAccept(call.Result, isFull: call.Result == call.Count))
            Deliver();
        else if (!TryWaitAgain())
            ReceiveForReader();
    }

    /// <summary>The connection has been aborted. Calls nobody.</summary>
    public void OnAborted()
    {
        _isAborted = true;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (TryTakePending())
            ReceiveForReader();
    }

    /// <inheritdoc/>
    protected override ArraySegment<byte> Lent => Loop.LentAt(Loop.LentIndex).FreePart;

    /// <inheritdoc/>
    protected override BufferSegment TakeLent()
    {
        writer.MayBorrow = false;
        return Loop.TakeLent();
    }

    /// <inheritdoc/>
    protected override bool TryReceive()
    {
        if (_isAborted)
        {
            Failure = DescriptorFailure.Aborted();
            return true;
        }

        // Cleared before the system is asked: what comes after that sets it again.
        return Volatile.Read(ref _isReadable) == 1 && Interlocked.Exchange(ref _isReadable, 0) == 1 && Receive();
    }

    /// <inheritdoc/>
    protected override bool TryWait(CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _state, Waiting);

        // Whatever came up before that could not complete the read; from here on it does so itself. Not by taking the read back: it may be over, and another one wait already.
        Watch(cancellationToken);
        if (HasNews)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);

        return true;
    }

    /// <inheritdoc/>
    protected override bool TryTakePending() => Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting;

    /// <inheritdoc/>
    protected override void DeliverLater()
    {
        Volatile.Write(ref _state, Queued);
        Loop.Schedule(static reader => ((EventLoopReader)reader!).DeliverQueued(), this);
    }

    /// <summary>The system has news. Called on the loop's thread.</summary>
    /// <param name="isLast">Whether the end has come: then there is always something to receive, up to that.</param>
    private void OnReadable(bool isLast)
    {
        if (isLast)
            _isLast = true;

        // Mostly somebody waits, and then the flag, which nobody else looks at meanwhile, is not needed.
        if (TryTakePending())
        {
            Loop.ReceiveLater(this);
            return;
        }

        Interlocked.Exchange(ref _isReadable, 1);
        if (TryTakePending())
            Loop.ReceiveLater(this);
    }

    /// <summary>Receives in the place of a reader that waited: it is not running, and its read can't be cancelled meanwhile.</summary>
    private void ReceiveForReader()
    {
        do
        {
            if (TryDeliverCancellation())
                return;

            if (TryReceive())
            {
                Deliver();
                return;
            }
        }
        while (!TryWaitAgain());
    }

    /// <summary>The bytes that the system told of were received before it told. The wait goes on, with whatever has come up while it did not.</summary>
    /// <returns><see langword="false"/> if there is no need to wait any more, and the pending read, this one or one that has followed it, is the caller's.</returns>
    private bool TryWaitAgain()
    {
        Interlocked.Exchange(ref _state, Waiting);
        return !(HasNews || IsCancellationRequested) || !TryTakePending();
    }

    private bool Receive()
    {
        int result;
        var room = Room();
        try
        {
            var count = Loop.IsInTurn ? InteropEventLoop.ReceiveAsCloser(writer.Socket, room.Span, out var error) : InteropEventLoop.Receive(writer.Socket, room.Span, out error);
            result = count < 0 ? -error : count;
        }
        catch (ObjectDisposedException)
        {
            result = -DescriptorFailure.BadDescriptor;
        }

        return TryAccept(result, isFull: result == room.Length);
    }

    /// <summary>Takes what a call has brought.</summary>
    /// <param name="result">How many bytes; or an error, its number negated.</param>
    /// <param name="isFull">Whether there was no room for more.</param>
    /// <returns>Whether there is news: bytes, the end, or a failure.</returns>
    private bool TryAccept(int result, bool isFull)
    {
        if (result > 0)
        {
            Fill(result);
            NoteReceived(isFull);
            return true;
        }

        Chain.ReturnIfEmpty();
        if (result == -DescriptorFailure.Interrupted)
            Interlocked.Exchange(ref _isReadable, 1);

        if (result is -DescriptorFailure.Interrupted or -DescriptorFailure.WouldBlock)
            return false;

        // The system tells of a reset once, and the sender may have been the one to be told.
        Failure = result == 0 ? writer.Failure : DescriptorFailure.From(-result);
        IsCompleted = Failure is null;
        return true;
    }

    // A short read says that there was no more, and the system will tell when there is. But of the end it may have told already.
    private void NoteReceived(bool isFull)
    {
        if (isFull || _isLast)
            Interlocked.Exchange(ref _isReadable, 1);
    }

    private void DeliverQueued()
    {
        Volatile.Write(ref _state, Idle);
        Deliver();
    }
}
