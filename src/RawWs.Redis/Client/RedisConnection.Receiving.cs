using System.IO.Pipelines;
using RawWs.Redis.Resp;

namespace RawWs.Redis.Client;

// What comes, and what does not.
internal sealed partial class RedisConnection
{
    // Redis itself ends a subscriber that has been far behind for a minute (client-output-buffer-limit pubsub 32mb 8mb 60): what is behind more than that is nothing that waits for us.
    private static readonly TimeSpan LongestDelayByMessages = TimeSpan.FromMinutes(2);

    private readonly bool _mayAnswerLate;
    private readonly int _maxLateLooks;
    private RedisCommand? _keepAlive;
    private bool _isAsked;
    private long _askedAt;
    private long _receivedAt;
    private int _silentLooks;
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
                Volatile.Write(ref _silentLooks, 0);

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
        bool isOver;
        lock (_gate)
        {
            while (_pending.TryDequeue(out reply))
            {
                _pendingSize -= reply.Size;
                if (!reply.IsSkippedBy(value))
                    break;
            }

            _lateLooks = 0;
            isOver = IsOver_NeedsLock();
        }

        if (reply is null)
            throw new RespProtocolException("an answer came that nobody had asked for");

        // Before whoever asked is told: what is sent next is for another connection.
        if (PrimaryCheck.IsDemotion(value))
            AbortAsReplica();

        reply.Complete(value);
        if (isOver)
            _ending.Cancel();
    }

    /// <summary>
    /// Ends a connection that does not answer, and asks from time to time, also one that is busy: messages come from a replica too. While anything comes, such as the rest of a large answer, it is given as much
    /// time again; or more where answers are behind messages.
    /// </summary>
    private void Watch()
    {
        var now = _options.TimeProvider.GetTimestamp();
        bool isLongLate;
        lock (_gate)
        {
            if (_failure is not null)
                return;

            if (_keepAlive is { } question && !_isAsked && _options.TimeProvider.GetElapsedTime(_askedAt, now) >= _options.KeepAliveInterval)
            {
                (_isAsked, _askedAt) = (true, now);
                Send([(question, new KeepAliveReply(OnKeptAlive))], isBounded: false);
            }

            if (!_pending.TryPeek(out var oldest) || !IsLate(oldest.SentAt, now))
                return;

            // Looks are counted, and not the time: while this process stood still nobody was looked at.
            isLongLate = ++_lateLooks >= _maxLateLooks;
        }

        // The second look, with nothing received since the first: when it was this process that stood still, what has arrived meanwhile is read before anybody is called late.
        var isSilent = (!_mayAnswerLate || IsLate(Volatile.Read(ref _receivedAt), now)) && Interlocked.Increment(ref _silentLooks) >= 2;
        if (isSilent || isLongLate)
            Abort(new IOException($"Redis has not answered for {_options.CommandTimeout.TotalSeconds} s."));
    }

    private bool IsLate(long since, long now) => _options.TimeProvider.GetElapsedTime(since, now) >= _options.CommandTimeout;

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
