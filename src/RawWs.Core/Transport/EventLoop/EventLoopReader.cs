namespace RawWs.Transport;

/// <summary>
/// Reads a socket on the thread that finds its bytes. Whether there may be something to receive is a flag: the loop sets it when the system has news, which it
/// tells once, and whoever receives clears it before asking, so that none is lost between the two. A wait is a state and holds nothing.
/// </summary>
internal sealed class EventLoopReader(Descriptor socket, EventLoop loop, EventLoopWriter writer, bool isInline, int maxReceiveSize)
    : SegmentReader(maxReceiveSize, continuesAsynchronously: !isInline), IThreadPoolWorkItem, IDisposable
{
    // Who may complete the pending read, decided by one compare-and-swap.
    private const int Idle = 0, Waiting = 1, Queued = 2;

    private int _state = Idle;
    private int _isReadable;
    private volatile bool _isAborted;
    private volatile bool _isLast;

    private bool HasNews => Volatile.Read(ref _isReadable) == 1 || IsCanceled || _isAborted;

    /// <summary>Gives back all memory. The socket is closed and nobody reads any more.</summary>
    public void Dispose() => Chain.Return();

    /// <summary>The system has news. Called on the loop's thread.</summary>
    /// <param name="isLast">Whether the end has come: then there is always something to receive, up to that.</param>
    public void OnReadable(bool isLast)
    {
        if (isLast)
            _isLast = true;

        // Mostly somebody waits, and then the flag, which nobody else looks at meanwhile, is not needed.
        if (TryTakePending())
        {
            ReceiveForReader(hasNews: true, mayDefer: true);
            return;
        }

        Interlocked.Exchange(ref _isReadable, 1);
        if (TryTakePending())
            ReceiveForReader(hasNews: false, mayDefer: true);
    }

    /// <summary>Delivers what was received when others had not yet received theirs.</summary>
    public void DeliverDeferred() => Deliver();

    /// <summary>The connection has been aborted. Calls nobody.</summary>
    public void OnAborted()
    {
        _isAborted = true;
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (TryTakePending())
            ReceiveForReader(hasNews: false, mayDefer: false);
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
    protected override bool TryWait()
    {
        Interlocked.Exchange(ref _state, Waiting);

        // Whatever came up before that could not complete the read; from here on it does so itself.
        Watch();
        if (!HasNews || !TryTakePending())
            return true;

        EndWatch();
        return false;
    }

    /// <inheritdoc/>
    protected override bool TryTakePending() => Interlocked.CompareExchange(ref _state, Idle, Waiting) == Waiting;

    /// <inheritdoc/>
    protected override void DeliverLater()
    {
        Volatile.Write(ref _state, Queued);
        loop.Schedule(static reader => ((EventLoopReader)reader!).DeliverQueued(), this);
    }

    /// <summary>Receives in the place of a reader that waited: it is not running, and its read can't be cancelled meanwhile.</summary>
    /// <param name="hasNews">Whether the system has just told that there is something, so that the flag need not be looked at.</param>
    /// <param name="mayDefer">Whether the caller is in the midst of a turn of the loop.</param>
    private void ReceiveForReader(bool hasNews, bool mayDefer)
    {
        do
        {
            if (hasNews && !_isAborted ? Receive() : TryReceive())
            {
                if (!mayDefer || !loop.TryDeferDelivery(this, Chain.Length))
                    Deliver();

                return;
            }

            // The bytes that the system told of were received before it told. The wait goes on, with whatever has come up while it did not.
            hasNews = false;
            Interlocked.Exchange(ref _state, Waiting);
            if (IsCancellationRequested)
                DeliverTokenCancellation();
            else if (IsCanceled)
                DeliverCancellation();
        }
        while (HasNews && TryTakePending());
    }

    private bool Receive()
    {
        try
        {
            var room = Room();
            int count, error;
            do
                count = loop.IsInTurn ? InteropEventLoop.ReceiveAsCloser(socket, room.Span, out error) : InteropEventLoop.Receive(socket, room.Span, out error);
            while (count < 0 && error == DescriptorFailure.Interrupted);

            if (count > 0)
            {
                Fill(count);

                // A short read says that there was no more, and the system will tell when there is. But of the end it may have told already.
                if (count == room.Length || _isLast)
                    Interlocked.Exchange(ref _isReadable, 1);

                return true;
            }

            if (error == DescriptorFailure.WouldBlock)
            {
                Chain.ReturnIfEmpty();
                return false;
            }

            // The system tells of a reset once, and the sender may have been the one to be told.
            Failure = error == 0 ? writer.Failure : DescriptorFailure.From(error);
            IsCompleted = Failure is null;
        }
        catch (ObjectDisposedException)
        {
            Failure = DescriptorFailure.Aborted();
        }

        Chain.ReturnIfEmpty();
        return true;
    }

    private void DeliverQueued()
    {
        Volatile.Write(ref _state, Idle);
        Deliver();
    }
}
