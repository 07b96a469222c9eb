using RawWs.Connections;
using RawWs.Diagnostics;
using RawWs.Protocol;
using RawWs.Transport;

namespace RawWs;

public sealed partial class WebSocketConnection
{
    private CloseHandshake _handshake;
    private Closing? _closing;

    /// <summary>How the connection ended. Completes when it has; never fails.</summary>
    public Task<CloseResult> Closed
    {
        get
        {
            using (_sender.Enter())
            {
                var closing = Closing_NeedsLock;
                if (closing.Result is not null)
                    return Task.FromResult(closing.Result);

                return (closing.Closed ??= new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
            }
        }
    }

    /// <summary>
    /// Closes the connection (RFC 6455 §7.1.2): sends a close frame after the messages that are being sent, and waits for the peer's. Messages
    /// that still arrive are discarded. If the connection is closing already, only waits.
    /// </summary>
    /// <param name="code">Why: 1000–1003, 1007–1014, or 3000–4999.</param>
    /// <param name="reason">An explanation of at most 123 bytes as UTF-8. It is sent to the peer.</param>
    /// <returns>
    /// How the connection ended. Takes at most <see cref="WebSocketServerOptions.CloseTimeout"/>, after which the end is not clean; may be
    /// awaited inside the session.
    /// </returns>
    /// <exception cref="ArgumentException">The code must not be sent, or the reason is too long.</exception>
    public Task<CloseResult> CloseAsync(CloseCode code = CloseCode.NormalClosure, string reason = "")
    {
        ClosePayload.ThrowIfNotSendable(code, reason);
        BeginClose(code, reason);
        return Closed;
    }

    /// <summary>
    /// Drops the connection without a closing handshake; the peer sees a reset. Returns at once, whatever the peer or the network does. For peers
    /// that are not worth a close frame; else <see cref="CloseAsync"/>.
    /// </summary>
    public void Abort() => Abort("by the application");

    /// <summary>Begins to close, and waits for nothing.</summary>
    internal void BeginClose(CloseCode code, string reason)
    {
        Apply(CloseEvent.LocalClose, new ClosePayload(code, reason));
        EnsureSomebodyReads();
    }

    /// <summary>
    /// Ends the connection after its session: closes it if it is open, then discards what still arrives until TCP has ended. Bounded by the
    /// connection's own deadlines. Afterwards nobody uses the transport.
    /// </summary>
    /// <returns>How it ended.</returns>
    internal async Task<CloseResult> FinishAsync(CloseCode code, string reason)
    {
        // In this order: where the session is over the connection is not open, and whoever reads has no reason to stop before the end.
        Apply(CloseEvent.LocalClose, new ClosePayload(code, reason));
        Volatile.Write(ref _isSessionOver, true);
        _stream = null;

        // Where nobody reads yet, the end is mostly found by a reading of our own: then this goes on where that was found.
        if (TryReadInBackground() is { } reading)
            await reading.ConfigureAwait(false);

        await WaitForTransportEndAsync().ConfigureAwait(false);

        // The peer has ended its side. If it does not take what we still have for it, it never will.
        var senderEnded = _sender.WaitForEndAsync();
        if (!senderEnded.IsCompleted)
        {
            _transport.Abort();
            _sender.Break(new TransportClosedException("The peer ended the connection."));
        }

        await senderEnded.ConfigureAwait(false);
        _wheel.Cancel(_deadline);
        _receiving?.Assembler.Dispose();
        _receiving = null;
        _inflater?.Dispose();
        _sender.Deflater?.Dispose();
        return _closing!.Result!; // It is there before the transport's end is told.
    }

    /// <summary>The session's token is cancelled, and nothing else happens: the connection stays open until it is closed.</summary>
    internal void AnnounceEnd()
    {
        if (_ending.IsCancellationRequested)
            return;

        _ = _ending.CancelAsync(_settings.Logger, Id);
    }

    /// <summary>Fails the connection (§7.1.7).</summary>
    internal void OnViolation(CloseCode code, string reason)
    {
        ConnectionLog.Violated(_settings.Logger, Id, code, reason);
        _isReadingOver = true;
        Apply(CloseEvent.Violation, new ClosePayload(code, reason));
    }

    /// <summary>The network took no more: whoever reads will see the end as well, and whatever else the session asks for fails.</summary>
    internal void OnSendFailed()
    {
        Apply(CloseEvent.TransportClosed, default);
        _ = EndBrokenAsync();
    }

    // Elsewhere: whoever has sent may be in the midst of closing, and have the lock. And where the end is read the session may go on, and its handlers be called.
    private async Task EndBrokenAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        _transport.Abort();
        EnsureSomebodyReads();
    }

    private void OnPeerClose(in ClosePayload close)
    {
        _isReadingOver = true;
        Apply(CloseEvent.PeerClose, close);
    }

    /// <summary>The reader has seen the end of TCP, or its failure.</summary>
    private void OnTransportEnded()
    {
        _isReadingOver = true;
        Apply(CloseEvent.TransportClosed, default);
        _sender.Shutdown();

        using (_sender.Enter())
        {
            _isTransportEnded = true;
            _closing?.TransportEnded?.TrySetResult();
        }
    }

    private void Abort(string reason)
    {
        ConnectionLog.Aborted(_settings.Logger, Id, reason);
        Apply(CloseEvent.TransportClosed, default, CloseInitiator.Local);
        _transport.Abort();
        _sender.Break(new TransportClosedException("The connection was aborted."));
        EnsureSomebodyReads();
    }

    private void Apply(CloseEvent closeEvent, ClosePayload payload, CloseInitiator transportEndedBy = CloseInitiator.Transport)
    {
        CloseResult? result = null;
        CloseState before;
        Closing closing;

        using (_sender.Enter())
        {
            closing = Closing_NeedsLock;
            before = _handshake.State;
            var action = _handshake.Apply(closeEvent);
            if (_handshake.State == before)
                return;

            closing.Since = _wheel.Now;
            if (before == CloseState.Open)
            {
                closing.Initiator = closeEvent switch
                {
                    CloseEvent.PeerClose => CloseInitiator.Remote,
                    CloseEvent.TransportClosed => transportEndedBy,
                    _ => CloseInitiator.Local,
                };
            }

            Carry_NeedsLock(closing, action, closeEvent, payload);

            if (before is CloseState.Open or CloseState.CloseSent && _handshake.State is CloseState.Draining or CloseState.Closed)
                closing.Result = result = ResultOf_NeedsLock(closing);
        }

        Require(closing.Since, _settings.CloseTimeout);
        FailPings();
        AnnounceEnd();

        // Elsewhere: it raises events of the application, and whoever closes may be in the midst of something.
        if (before == CloseState.Open && Membership is { } membership)
            ThreadPool.UnsafeQueueUserWorkItem(static membership => membership.End(), membership, preferLocal: false);

        if (result is not null)
            closing.Closed?.TrySetResult(result);
    }

    // Under the lock, so that what two threads decide one after the other also happens one after the other. None of it waits.
    private void Carry_NeedsLock(Closing closing, CloseAction action, CloseEvent closeEvent, in ClosePayload payload)
    {
        if (closeEvent == CloseEvent.PeerClose)
            closing.Received = payload;

        if ((action & CloseAction.SendClose) != 0)
            closing.Sent = payload;

        // §5.5.1: "When sending a Close frame in response, the endpoint typically echos the status code it received."
        if ((action & CloseAction.EchoClose) != 0)
            closing.Sent = payload with { Reason = "" };

        var isLast = (action & CloseAction.ShutdownSend) != 0;
        if ((action & (CloseAction.SendClose | CloseAction.EchoClose)) != 0)
            _sender.SendClose(closing.Sent, afterWaiting: closeEvent == CloseEvent.LocalClose, isLast);
        else if (isLast)
            _sender.Shutdown();
    }

    private Closing Closing_NeedsLock => _closing ??= new Closing();

    private static CloseResult ResultOf_NeedsLock(Closing closing) => new(
        closing.Initiator,
        IsClean: closing.Sent.Code != CloseCode.AbnormalClosure && closing.Received.Code != CloseCode.AbnormalClosure,
        closing.Sent.Code,
        closing.Sent.Reason,
        closing.Received.Code,
        closing.Received.Reason);
}
