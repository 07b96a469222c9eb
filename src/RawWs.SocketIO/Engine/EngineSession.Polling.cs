using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO.Engine;

// What requests do: a poll takes what waits or waits for something, a post brings packets.
internal sealed partial class EngineSession
{
    // As Node's server has it.
    private static readonly TimeSpan NoopInterval = TimeSpan.FromMilliseconds(100);

    private Task? _post;
    private PostState _postState;

    /// <summary>Answers a poll when there is something to say.</summary>
    /// <param name="cancellationToken">The client has gone, or the server stops. The session ends.</param>
    /// <exception cref="OperationCanceledException">As above.</exception>
    public async ValueTask<PollOutcome> PollAsync(CancellationToken cancellationToken)
    {
        var poll = new TaskCompletionSource<PollingBody>(TaskCreationOptions.RunContinuationsAsynchronously);
        var (outcome, isLast) = BeginPoll(poll);
        if (outcome is { IsViolation: true })
            End(DisconnectReason.TransportError);
        else if (isLast)
            End(DisconnectReason.ForcedServerClose);

        if (outcome is { } decided)
            return decided;

        try
        {
            var body = Volatile.Read(ref _hasProbed) ? WaitBehindProbeAsync(poll, cancellationToken) : poll.Task.WaitAsync(cancellationToken);
            return new PollOutcome(await body.ConfigureAwait(false));
        }
        catch (OperationCanceledException)
        {
            End(DisconnectReason.TransportError);
            throw;
        }
    }

    /// <summary>
    /// Takes the packets of a post. While one is being read there may be no other; while the packets of one are worked on, one other may wait: a client may see what they bring about on its
    /// poll, and say something to that, before its post has been answered. What comes before a client has heard that the session is closed is for nobody, and no fault.
    /// </summary>
    /// <param name="readAsync">Reads the body, or finds that it is none.</param>
    /// <param name="isBinary">Whether it is in the binary form of protocol 3.</param>
    /// <returns>What is answered; the body is the caller's affair.</returns>
    /// <exception cref="IOException">The body can't be had.</exception>
    public async ValueTask<PollOutcome> PostAsync(Func<ValueTask<ReadOnlyMemory<byte>>> readAsync, bool isBinary)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (refusal, previous) = BeginPost(done.Task);
        if (refusal is { IsViolation: true })
            End(DisconnectReason.TransportError);

        if (refusal is { } refused)
            return refused;

        try
        {
            var body = await readAsync().ConfigureAwait(false);
            if (previous is not null)
            {
                Note(PostState.Waiting);
                await previous.ConfigureAwait(false);
            }

            Note(PostState.Received);
            await ReceiveBodyAsync(body, isBinary).ConfigureAwait(false);
            return default;
        }
        catch (PacketException)
        {
            End(DisconnectReason.ParseError);
            return PollOutcome.Violation;
        }
        finally
        {
            // Also of a post that has failed: whoever waits for it waits for both.
            if (previous is not null)
                await previous.ConfigureAwait(false);

            lock (_gate)
            {
                if (_post == done.Task)
                    (_post, _postState) = (null, PostState.None);
            }

            // Whoever waits for it goes on, even if the body never came.
            done.SetResult();
        }
    }

    /// <returns>What is answered at once, null if the body is to be read; and the post that comes first.</returns>
    private (PollOutcome? Refusal, Task? Previous) BeginPost(Task post)
    {
        lock (_gate)
        {
            if (_state == SessionState.Closed)
                return (PollOutcome.Refused(EngineError.SessionUnknown), null);

            if (_state == SessionState.WebSocket)
                return (PollOutcome.Refused(EngineError.TransportMismatch), null);

            if (_postState is PostState.Reading or PostState.Waiting)
                return (PollOutcome.Violation, null);

            var previous = _post;
            (_post, _postState) = (post, PostState.Reading);
            return (null, previous);
        }
    }

    private void Note(PostState state)
    {
        lock (_gate)
        {
            _postState = state;
        }
    }

    /// <returns>What is answered at once, null if the poll has to wait; and whether nothing more will come.</returns>
    private (PollOutcome? Outcome, bool IsLast) BeginPoll(TaskCompletionSource<PollingBody> poll)
    {
        lock (_gate)
        {
            switch (_state)
            {
                case SessionState.Closed:
                    return (PollOutcome.Refused(EngineError.SessionUnknown), false);

                case SessionState.WebSocket:
                    return (PollOutcome.Refused(EngineError.TransportMismatch), false);

                case SessionState.LastPoll when _queue.Count > 0:
                    Arm_NeedsLock(Heartbeat.LastPoll, _options.LastPollTimeout);
                    return (new PollOutcome(_queue.TakeBody(_format)), false);

                case SessionState.LastPoll:
                    return (new PollOutcome(BodyOf(ClosePacket)), true);
            }

            if (_poll is not null)
                return (PollOutcome.Violation, false);

            if (_queue.Count > 0)
                return (new PollOutcome(_queue.TakeBody(_format)), false);

            _poll = poll;
            CountDetached_NeedsLock();
            return default;
        }
    }

    // A client that has probed waits for its last poll to end. But one that does not get our answer, because of a proxy that lets nothing through, polls on: if that ended each poll at once, it
    // would do nothing else.
    private async Task<PollingBody> WaitBehindProbeAsync(TaskCompletionSource<PollingBody> poll, CancellationToken cancellationToken)
    {
        using var timer = _options.TimeProvider.CreateTimer(_ => ReleasePoll(poll), null, NoopInterval, Timeout.InfiniteTimeSpan);
        return await poll.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private void ReleasePoll(TaskCompletionSource<PollingBody> poll)
    {
        lock (_gate)
        {
            // Behind a probe that came to nothing it is a poll like any other.
            if (_poll == poll && _hasProbed)
                TakePoll_NeedsLock()?.SetResult(BodyOf(Noop));
        }
    }

    private async ValueTask ReceiveBodyAsync(ReadOnlyMemory<byte> bytes, bool isBinary)
    {
        ReadOnlyMemory<byte>? body = bytes;
        while (body is not null && await ReceiveAsync(PollingPayload.ReadFirst(ref body, _format, isBinary)).ConfigureAwait(false))
        {
            // One after the other, until the session ends.
        }
    }

    /// <returns>Whether the session goes on.</returns>
    private ValueTask<bool> ReceiveAsync(EnginePacket packet)
    {
        if (packet.Type != EnginePacketType.Pong)
            OnOtherThanPong();

        switch (packet.Type)
        {
            case EnginePacketType.Message:
                return ReceiveMessageAsync(packet);

            case EnginePacketType.Pong when !IsLegacy:
                OnPong();
                return new(true);

            case EnginePacketType.Ping when IsLegacy:
                OnPing();
                return new(true);

            case EnginePacketType.Close:
                EndByClient();
                return new(false);

            case EnginePacketType.Ping or EnginePacketType.Pong:
                // In each protocol only one side pings.
                End(DisconnectReason.TransportError);
                return new(false);

            default:
                // Open, upgrade and noop mean nothing here.
                return new(true);
        }
    }

    /// <returns>Whether there was somebody to hand it to: while there is, the session goes on.</returns>
    private async ValueTask<bool> ReceiveMessageAsync(EnginePacket packet)
    {
        // Once for each message, and so without the lock: a heartbeat that looks at the count may be a moment early or late as it is.
        Interlocked.Increment(ref _receivingCount);
        try
        {
            if (Volatile.Read(ref _client) is not { } client)
                return false;

            await client.ReceiveAsync(packet.Data, packet.IsBinary).ConfigureAwait(false);
            return true;
        }
        finally
        {
            Interlocked.Decrement(ref _receivingCount);
        }
    }

    // A poll of a client that says goodbye is told nothing, rather than that the server closes.
    private void EndByClient()
    {
        TaskCompletionSource<PollingBody>? poll;
        lock (_gate)
        {
            poll = TakePoll_NeedsLock();
        }

        poll?.SetResult(BodyOf(Noop));
        End(DisconnectReason.TransportClose);
    }
}
