using RawWs.Redis.Client;
using RawWs.Redis.Resp;

namespace RawWs.Redis.SocketIO;

/// <summary>
/// Adds to a stream what this server says, in order, and keeps each thing until it has come back from there: so it is known what Redis has, whatever becomes of connections, and everything can be delivered in the
/// order of the stream. While Redis is away what is said is delivered here at once, and added later.
/// </summary>
/// <remarks>Thread-safe. This part is what is said; StreamOutbox.Receiving what comes back.</remarks>
internal sealed partial class StreamOutbox
{
    // So many are unanswered at once, at most: others use the connection too.
    private const int MaxUnansweredCount = 1_024;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly OrderedCalls _calls;
    private readonly Wakeup _wakeup = new();
    private readonly LinkedList<Outgoing> _outgoing = [];

    // By their ids, those of them that have one. Where a stream was made anew one may come again: then the later one is meant.
    private readonly Dictionary<string, Outgoing> _added = new(StringComparer.Ordinal);
    private readonly Queue<Outgoing> _unsent = new();
    private readonly IOrderedRedisClient _redis;
    private readonly string _key;
    private readonly int _maxCount;
    private readonly long _maxSize;
    private readonly Action<Exception> _reportDropped;
    private long _size;
    private int _unansweredCount;
    private long _sentCount;
    private IRedisPipeline? _pipeline;
    private bool _isWhole;
    private bool _isEnded;
    private bool _isRefused;

    /// <param name="redis">The client.</param>
    /// <param name="key">The stream.</param>
    /// <param name="maxCount">How much waits, at most.</param>
    /// <param name="maxSize">Bytes of what waits, at most.</param>
    /// <param name="reportDropped">Is told of what others will not hear.</param>
    /// <param name="reportFailure">Is told what a delivery throws.</param>
    public StreamOutbox(IOrderedRedisClient redis, string key, int maxCount, long maxSize, Action<Exception> reportDropped, Action<Exception> reportFailure)
    {
        _calls = new OrderedCalls(reportFailure);
        (_redis, _key, _maxCount, _maxSize, _reportDropped) = (redis, key, maxCount, maxSize, reportDropped);
        _wakeup.Set();
    }

    /// <summary>Adds something to the stream.</summary>
    /// <param name="command">Adds it.</param>
    /// <param name="size">Bytes of it.</param>
    /// <param name="deliver">Delivers it here, with its place in the stream, or null if that is not known in time; null if it has been delivered.</param>
    /// <param name="isKept">Whether it waits for a Redis that is away.</param>
    /// <returns>When it was delivered here, and has been added or waits for a Redis that is away.</returns>
    public Task AddAsync(RedisCommand command, int size, Action<string?>? deliver, bool isKept)
    {
        var added = new Outgoing(command, size, deliver);
        bool hasPosted;
        lock (_gate)
        {
            var postedBefore = _calls.PostedCount;
            if (!_isWhole)
                added.Release(null, _calls);

            if (Refusal_NeedsLock(command, size, isKept) is { } refusal)
                Drop_NeedsLock(added, new RedisUnavailableException(refusal));
            else
                Enqueue_NeedsLock(added);

            hasPosted = _calls.PostedCount != postedBefore;
        }

        // What others have posted is called by them.
        if (hasPosted)
            _calls.Run();

        return added.Done;
    }

    /// <summary>Sees to it that everything is added, whatever becomes of connections, until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _wakeup.WaitAsync(cancellationToken).ConfigureAwait(false);
            _calls.Run();
            while (!await TryBecomeWholeAsync(cancellationToken).ConfigureAwait(false))
                await Task.Delay(RetryInterval, _redis.Options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits until all has been added that there is, and nothing is held, if Redis is there; for a second at most.</summary>
    public async Task FlushAsync()
    {
        // What others have connections for may be away.
        if (!_redis.IsConnected && !IsWhole)
            return;

        using var timeout = new CancellationTokenSource(LongestFlush, _redis.Options.TimeProvider);
        await WaitAsync(() => _outgoing.Count == 0 || (_isWhole && _outgoing.All(static outgoing => outgoing is { State: OutgoingState.Added, IsHeld: false })), timeout.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>What is said from now on is delivered here, and not kept; what has not been added yet is lost to others. <see cref="RunAsync"/> has ended before.</summary>
    public void End()
    {
        lock (_gate)
        {
            // Nobody is there any more who would release it, or add it.
            _isEnded = true;
            Fall_NeedsLock();
            foreach (var outgoing in _outgoing)
            {
                if (outgoing.State == OutgoingState.Added)
                    outgoing.Leave();
                else
                    Drop_NeedsLock(outgoing, new RedisUnavailableException("The namespace ends before Redis has taken it."));
            }

            _outgoing.Clear();
            _added.Clear();
            _size = 0;
        }

        _calls.Run();
    }

    /// <summary>Waits until what was delivered here without its place in the stream has come back from there.</summary>
    public Task SettleAsync()
    {
        lock (_gate)
        {
            return Task.WhenAll([.. _outgoing.Where(static outgoing => !outgoing.IsHeld).Select(static outgoing => outgoing.Gone)]);
        }
    }

    /// <returns>Why others will not hear of it; null if they will.</returns>
    private string? Refusal_NeedsLock(RedisCommand command, int size, bool isKept)
    {
        if (_isEnded)
            return "The namespace has ended.";

        // Behind it nothing would ever be sent.
        if (RespWriter.MaxLengthOf(command) > _redis.Options.MaxPendingSize)
            return $"It is larger than what may be unanswered by Redis at once: {_redis.Options.MaxPendingSize} ({nameof(RedisOptions.MaxPendingSize)}).";

        if (!_isWhole && !isKept)
            return "Redis is away, and what is volatile does not wait for it.";

        return _outgoing.Count >= _maxCount || _size + size > _maxSize ? "Too much waits for Redis already." : null;
    }

    private void Enqueue_NeedsLock(Outgoing added)
    {
        added.Place = _outgoing.AddLast(added);
        _size += added.Size;
        if (!_isWhole)
            return;

        _unsent.Enqueue(added);
        Send_NeedsLock();
    }

    // Under the lock, so that they are executed in this order.
    private void Send_NeedsLock()
    {
        while (_isWhole && _unansweredCount < MaxUnansweredCount && _unsent.TryPeek(out var next))
        {
            if (TryExecute_NeedsLock(next.Command) is not { } answer)
            {
                // What is under way is answered, or lost with the connection: then it goes on, or falls.
                if (_unansweredCount == 0)
                    Refuse_NeedsLock();

                return;
            }

            _unsent.Dequeue();
            _unansweredCount++;
            (next.State, next.Number) = (OutgoingState.Sent, ++_sentCount);
            _ = ConcludeAsync(next, answer);
        }
    }

    // What is under way is not overtaken on another connection, or at another server: behind it comes the rest, or nothing. When all is answered, another pipeline leads to where the stream is by then.
    /// <returns>The answer; null if the command was not sent.</returns>
    private Task<RespValue>? TryExecute_NeedsLock(RedisCommand command)
    {
        try
        {
            if (_pipeline is null || _unansweredCount == 0)
                _pipeline = _redis.BeginPipeline(_key);

            return _pipeline.ExecuteAsync(command);
        }
        catch (Exception error) when (error is RedisUnavailableException or ObjectDisposedException)
        {
            // The connection is lost, or has too much to do.
            return null;
        }
    }

    private async Task ConcludeAsync(Outgoing sent, Task<RespValue> answer)
    {
        // Never under the lock of whoever sent it, for something is delivered at the end; an answer may be there already.
        await ((Task)answer).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        lock (_gate)
        {
            _unansweredCount--;
            if (_isEnded)
                return;

            if (answer is { IsCompletedSuccessfully: true, Result: { Type: RespType.BulkString } id })
            {
                (sent.State, sent.Id) = (OutgoingState.Added, id.ToText()!); // A bulk string has a text.
                _added[sent.Id] = sent;
                if (!sent.IsHeld)
                    sent.Release(sent.Id, _calls);
            }
            else
            {
                // Nobody cancels it.
                Conclude_NeedsLock(sent, answer.Exception?.GetBaseException() ?? new RedisErrorException("What was to be added to the stream was answered without an id."));
            }

            Advance_NeedsLock();
            Send_NeedsLock();
            Move_NeedsLock();
        }

        _calls.Run();
    }

    private void Conclude_NeedsLock(Outgoing sent, Exception error)
    {
        if (error is RedisErrorException { IsPassing: false })
        {
            Drop_NeedsLock(sent, error);
            Remove_NeedsLock(sent);
            return;
        }

        if (error is RedisErrorException)
        {
            sent.State = OutgoingState.Waiting;
            Refuse_NeedsLock();
        }
        else
        {
            sent.State = OutgoingState.Unknown;
            Fall_NeedsLock();
        }
    }

    private void Drop_NeedsLock(Outgoing dropped, Exception error)
    {
        // It will have no place in the stream: what is held in front of it is delivered in front of it all the same.
        if (dropped.IsHeld && _outgoing.FirstOrDefault(static outgoing => outgoing.IsHeld) is { } first && first != dropped)
            Fall_NeedsLock();

        dropped.Release(null, _calls);
        dropped.Leave();
        _calls.Post(() => _reportDropped(error));
    }

    private void Remove_NeedsLock(Outgoing outgoing)
    {
        if (outgoing.Place is { } place)
        {
            _outgoing.Remove(place);
            (outgoing.Place, _size) = (null, _size - outgoing.Size);
            if (outgoing.Id is { } id && _added.TryGetValue(id, out var last) && last == outgoing)
                _added.Remove(id);
        }

        outgoing.Leave();
    }

    // It is tried again a little later, for what is in trouble is not helped by more of it.
    private void Refuse_NeedsLock()
    {
        _isRefused = true;
        Fall_NeedsLock();
    }

    // From now on nothing is held, and nothing sent, until it is known what Redis has.
    private void Fall_NeedsLock()
    {
        _isWhole = false;
        _unsent.Clear();
        foreach (var outgoing in _outgoing)
            outgoing.Release(null, _calls);

        _wakeup.Set();
    }
}
