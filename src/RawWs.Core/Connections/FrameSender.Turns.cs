using RawWs.Protocol;

namespace RawWs.Connections;

internal sealed partial class FrameSender
{
    private ClosePayload? _closeToSend;
    private bool _isShutdownRequested;

    // Whether closing waits for nobody: senders in line are refused, and a message that is being sent in fragments is broken off.
    private bool _isUrgent;
    private TaskCompletionSource? _ended;

    /// <summary>
    /// Sends a close frame: after the messages whose senders are waiting already if <paramref name="afterWaiting"/>, else before them, and
    /// they fail. New messages are refused from now on. Never waits. Only the first call has an effect.
    /// </summary>
    public void SendClose(in ClosePayload close, bool afterWaiting)
    {
        lock (_gate)
        {
            if (_isClosed)
                return;

            _isClosed = true;
            _closeToSend = close;
            if (!afterWaiting)
                MakeUrgent_NeedsLock();
        }

        _ = RunWhenFreeAsync();
    }

    /// <summary>Ends our side of TCP once everything is sent. Never waits.</summary>
    public void Shutdown()
    {
        lock (_gate)
        {
            _isClosed = true;
            _isShutdownRequested = true;
            MakeUrgent_NeedsLock();
        }

        _ = RunWhenFreeAsync();
    }

    /// <summary>Waits until nothing is being sent and nothing will be: our side of TCP has ended, or the connection is broken.</summary>
    public Task WaitForEndAsync()
    {
        lock (_gate)
        {
            return (_ended ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Nothing more can be sent, because the connection was aborted: whoever waits is told.</summary>
    public void Break(Exception error)
    {
        lock (_gate)
        {
            BreakOff_NeedsLock(error);

            // Whoever owns the output finds out by its flush, and then the sender has ended; if nobody does, it has ended now.
            if (_isOutputOwned)
                return;

            _isOutputOwned = true;
            End_NeedsLock();
        }
    }

    /// <summary>A flush of ours has failed. The output stays owned for ever: nobody may write any more.</summary>
    private void OnOutputFailed(Exception error)
    {
        lock (_gate)
        {
            BreakOff_NeedsLock(error);
            End_NeedsLock();
        }

        owner.OnSendFailed();
    }

    private void BreakOff_NeedsLock(Exception error)
    {
        _failure ??= error;
        _isClosed = true;
        _closeToSend = null;
        MakeUrgent_NeedsLock();
    }

    private void End_NeedsLock() => (_ended ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();

    /// <summary>Gives the output to the next in line, after having sent what control frames have come up.</summary>
    private async ValueTask ReleaseOutputAsync()
    {
        while (TryWriteNext(out var isShutdown))
        {
            if (isShutdown)
            {
                await EndOutputAsync().ConfigureAwait(false);
                return;
            }

            await FlushAsync().ConfigureAwait(false);
        }
    }

    private async Task RunWhenFreeAsync()
    {
        lock (_gate)
        {
            // Whoever owns the output sees to it when it is released.
            if (_isOutputOwned)
                return;

            _isOutputOwned = true;
        }

        try
        {
            await ReleaseOutputAsync().ConfigureAwait(false);
        }
        catch (WebSocketClosedException)
        {
            // The connection broke before its close frame was out; whoever reads reports it.
        }
    }

    /// <returns>Whether something was written that must be flushed, or the output must be ended; otherwise it is no longer ours.</returns>
    private bool TryWriteNext(out bool isShutdown)
    {
        isShutdown = false;
        lock (_gate)
        {
            if (_failure is not null)
            {
                End_NeedsLock();
                return false;
            }

            if (!_isClosed && _pendingControl is not null && _pendingControl.TryTake(out var opcode, out var payload))
            {
                WriteControl(opcode, payload);
                return true;
            }

            if (!_isUrgent && HandOver_NeedsLock())
                return false;

            // §5.4: "Control frames MAY be injected in the middle of a fragmented message."
            if (_closeToSend is { } close && (_isUrgent || !_isMessageOpen))
            {
                WriteClose(close);
                _closeToSend = null;
                return true;
            }

            isShutdown = _isShutdownRequested;
            _isOutputOwned = isShutdown;
            return isShutdown;
        }
    }

    /// <summary>Makes the next sender the owner of the output.</summary>
    private bool HandOver_NeedsLock()
    {
        if (_isMessageOpen)
        {
            var messageOwner = _messageOwner;
            _messageOwner = null;
            return messageOwner?.TrySetResult(true) ?? false;
        }

        // A waiter that was cancelled can't be completed any more and is passed over.
        while (_waiters is not null && _waiters.TryDequeue(out var waiter))
        {
            if (waiter.TrySetResult(true))
                return true;
        }

        return false;
    }

    private void MakeUrgent_NeedsLock()
    {
        _isUrgent = true;
        _messageOwner?.TrySetResult(false);
        _messageOwner = null;

        while (_waiters is not null && _waiters.TryDequeue(out var waiter))
            waiter.TrySetResult(false);
    }

    private void WriteClose(in ClosePayload close)
    {
        Span<byte> payload = stackalloc byte[FrameHeader.MaxShortPayloadLength];
        WriteControl(Opcode.Close, payload[..close.Write(payload)]);
    }

    private async ValueTask EndOutputAsync()
    {
        try
        {
            await output.CompleteAsync().ConfigureAwait(false);
        }
        catch (IOException error)
        {
            OnOutputFailed(error);
        }

        lock (_gate)
        {
            End_NeedsLock();
        }
    }

    private void ThrowIfClosed_NeedsLock()
    {
        if (_isClosed)
            throw Closed();
    }

    private WebSocketClosedException Closed() => new("The connection is closing or has ended; nothing can be sent any more.", _failure);
}
