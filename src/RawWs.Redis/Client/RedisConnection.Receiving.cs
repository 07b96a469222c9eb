using System.IO.Pipelines;
using RawWs.Redis.Resp;

namespace RawWs.Redis.Client;

// What comes, and what does not.
internal sealed partial class RedisConnection
{
    private readonly bool _mayAnswerLate;
    private RedisCommand? _keepAlive;
    private bool _isAsked;
    private long _askedAt;
    private long _receivedAt;
    private int _lateLooks;

    /// <summary>Begins to ask whether the other end is there, and still a primary. To be called after the login.</summary>
    /// <param name="question">What is asked; a server that answers <see cref="PrimaryCheck.Question"/> as a replica does ends the connection.</param>
    public void KeepAlive(RedisCommand question)
    {
        lock (_gate)
        {
            (_keepAlive, _askedAt) = (question, _options.TimeProvider.GetTimestamp());
        }
    }

    private async Task ReadAsync()
    {
        var input = PipeReader.Create(_stream, new StreamPipeReaderOptions(bufferSize: 16 << 10, leaveOpen: true));
        var parser = new RespParser(new RespLimits { MaxReplySize = _options.MaxReplySize, MaxBulkLength = _options.MaxReplySize });
        try
        {
            while (true)
            {
                var result = await input.ReadAsync(_ending.Token).ConfigureAwait(false);
                var unread = result.Buffer;
                Volatile.Write(ref _receivedAt, _options.TimeProvider.GetTimestamp());
                Volatile.Write(ref _lateLooks, 0);

                while (parser.TryRead(ref unread, out var value))
                    Take(value);

                input.AdvanceTo(unread.Start, unread.End);
                if (result.IsCompleted)
                    throw new EndOfStreamException("Redis has closed the connection.");
            }
        }
        catch (Exception error)
        {
            // The top of a loop: whatever it was, the connection ends by it, which is logged with the reason.
            Abort(error);
        }
        finally
        {
            await input.CompleteAsync().ConfigureAwait(false);
        }
    }

    private void Take(RespValue value)
    {
        if (_takeUnasked(value))
            return;

        PendingReply? reply;
        lock (_gate)
        {
            while (_pending.TryDequeue(out reply))
            {
                _pendingSize -= reply.Size;
                if (!reply.IsSkippedBy(value))
                    break;
            }
        }

        if (reply is null)
            throw new RespProtocolException("an answer came that nobody had asked for");

        // Before whoever asked is told: what is sent next is for another connection.
        if (PrimaryCheck.IsDemotion(value))
            AbortAsReplica();

        reply.Complete(value);
    }

    /// <summary>Ends a connection that does not answer, and asks from time to time, also one that is busy: messages come from a replica too.</summary>
    private void Watch()
    {
        var now = _options.TimeProvider.GetTimestamp();
        long? sentAt;
        lock (_gate)
        {
            if (_failure is not null)
                return;

            sentAt = _pending.TryPeek(out var oldest) ? oldest.SentAt : null;
            if (_keepAlive is { } question && !_isAsked && _options.TimeProvider.GetElapsedTime(_askedAt, now) >= _options.KeepAliveInterval)
            {
                (_isAsked, _askedAt) = (true, now);
                Send([(question, new KeepAliveReply(OnKeptAlive))], isBounded: false);
            }
        }

        if (sentAt is not { } oldestSentAt)
            return;

        var receivedAt = Volatile.Read(ref _receivedAt);
        var since = _mayAnswerLate ? Math.Max(oldestSentAt, receivedAt) : oldestSentAt;
        if (_options.TimeProvider.GetElapsedTime(since, now) < _options.CommandTimeout)
            return;

        // The second look, with nothing received since the first: when it was this process that stood still, what has arrived meanwhile is read before anybody is called late.
        if (Interlocked.Increment(ref _lateLooks) >= 2)
            Abort(new IOException($"Redis has not answered for {_options.CommandTimeout.TotalSeconds} s."));
    }

    private void OnKeptAlive(RespValue answer)
    {
        lock (_gate)
        {
            _isAsked = false;
        }

        if (PrimaryCheck.IsReplica(answer))
            AbortAsReplica();
    }

    private void AbortAsReplica() => Abort(new ReplicaException($"The server at {_options.Target} is not a primary any more."));
}
