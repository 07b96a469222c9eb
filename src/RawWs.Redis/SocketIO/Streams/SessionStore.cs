using RawWs.Redis.Client;
using RawWs.SocketIO;

namespace RawWs.Redis.SocketIO;

/// <summary>Keeps sessions in Redis, where every server finds them. What can't be kept because Redis is away waits for it, as long as a client may.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="redis">The client.</param>
/// <param name="keyPrefix">What keys begin with; the private id of a session follows.</param>
/// <param name="reader">Reads them.</param>
internal sealed class SessionStore(IOrderedRedisClient redis, string keyPrefix, AdapterReader reader)
{
    // So many are written at once when Redis is back, at most: others use the connection too.
    private const int MaxRetryCount = 1_024;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly HashSet<Saving> _saving = [];
    private readonly Queue<Saving> _waiting = new();
    private bool _isRetrying;

    /// <summary>Keeps a session.</summary>
    /// <param name="nsp">The namespace it is of.</param>
    /// <param name="session">The session.</param>
    /// <param name="recovery">For how long, and how many may wait for a Redis that is away.</param>
    /// <exception cref="NotSupportedException">Nobody knows how to write what the application keeps with it.</exception>
    public Task SaveAsync(SocketIONamespace nsp, StoredSession session, ConnectionStateRecoveryOptions recovery)
    {
        var body = SessionBody.Write(nsp, session);
        var saving = new Saving(keyPrefix + session.PrivateId, body, recovery.MaxDisconnectionDuration, redis.Options.TimeProvider);
        bool mustWait;
        lock (_gate)
        {
            if (_saving.Count >= recovery.MaxSessionCount)
                throw new RedisUnavailableException($"{_saving.Count} sessions wait for it already ({nameof(ConnectionStateRecoveryOptions.MaxSessionCount)}).");

            _saving.Add(saving);
            if (mustWait = _waiting.Count > 0)
                _waiting.Enqueue(saving);
        }

        if (!mustWait)
            _ = SaveOrWaitAsync(saving);

        return saving.Done;
    }

    /// <summary>Takes a session away, so that no other client has it too: <c>GETDEL</c>.</summary>
    /// <returns>Null if there is none.</returns>
    /// <exception cref="System.Text.Json.JsonException">What is there makes no sense.</exception>
    /// <exception cref="RedisUnavailableException">Redis is away.</exception>
    /// <exception cref="RedisErrorException">Redis refuses.</exception>
    public async Task<StoredSession?> TakeAsync(SocketIONamespace nsp, string privateId)
    {
        var text = await redis.ExecuteAsync(new RedisCommand("GETDEL", keyPrefix + privateId)).ConfigureAwait(false);
        return text.IsNull ? null : SessionBody.Read(nsp, reader, text.Bytes.Span);
    }

    /// <summary>Waits until all is kept that there is to keep, for a second at most. Where Redis is not there, or not all of it, what has not been sent yet is not waited for.</summary>
    public async Task FlushAsync()
    {
        var isThere = redis.IsConnected;
        Task[] saving;
        lock (_gate)
        {
            saving = [.. _saving.Except(isThere ? [] : _waiting).Select(static each => each.Done)];
        }

        await Task.WhenAll(saving).WaitAsync(LongestFlush, redis.Options.TimeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task SaveOrWaitAsync(Saving saving)
    {
        if (await TrySaveAsync(saving).ConfigureAwait(false))
            return;

        lock (_gate)
        {
            _waiting.Enqueue(saving);
            if (_isRetrying)
                return;

            _isRetrying = true;
        }

        await RetryAsync().ConfigureAwait(false);
    }

    // One asks for all whether Redis is there: thousands of clients may have lost their connections in the moment in which Redis lost its own. Then all come at once, for their clients may be on the way already.
    private async Task RetryAsync()
    {
        var count = 1;
        while (true)
        {
            await Task.Delay(RetryInterval, redis.Options.TimeProvider).ConfigureAwait(false);
            bool isAnyLeft;
            do
            {
                if (TakeWaiting(count) is not { Length: > 0 } next)
                    return;

                var areSaved = await Task.WhenAll(next.Select(TrySaveAsync)).ConfigureAwait(false);
                count = areSaved.Contains(true) ? MaxRetryCount : 1;
                isAnyLeft = areSaved.Contains(false);
                WaitAgain(next, areSaved);
            }
            while (!isAnyLeft);
        }
    }

    /// <returns>Whether it is over: the session is kept, or never will be.</returns>
    private async Task<bool> TrySaveAsync(Saving saving)
    {
        try
        {
            // When the answer was lost, it may have been kept, and taken by another server, which may have kept a later one: that one stays.
            if (saving.TimeLeft is { } timeLeft)
                await redis.SetAsync(saving.Key, saving.Body, timeLeft, onlyIfNew: saving.AttemptCount++ > 0).ConfigureAwait(false);

            Conclude(saving, null);
        }
        catch (Exception error) when (error is RedisUnavailableException or RedisErrorException { IsPassing: true })
        {
            return false;
        }
        catch (Exception error)
        {
            // Whoever has it saved is told.
            Conclude(saving, error);
        }

        return true;
    }

    private void Conclude(Saving saving, Exception? error)
    {
        lock (_gate)
        {
            _saving.Remove(saving);
        }

        saving.Conclude(error);
    }

    // Those whose time is over are among them: they need no Redis.
    private Saving[] TakeWaiting(int count)
    {
        lock (_gate)
        {
            var next = new List<Saving>();
            for (var left = _waiting.Count; left > 0; left--)
            {
                var waiting = _waiting.Dequeue();
                if (waiting.TimeLeft is null || count-- > 0)
                    next.Add(waiting);
                else
                    _waiting.Enqueue(waiting);
            }

            _isRetrying = next.Count > 0;
            return [.. next];
        }
    }

    private void WaitAgain(Saving[] savings, bool[] areSaved)
    {
        lock (_gate)
        {
            for (var place = 0; place < savings.Length; place++)
            {
                if (!areSaved[place])
                    _waiting.Enqueue(savings[place]);
            }
        }
    }

    /// <summary>A session that is to be kept.</summary>
    private sealed class Saving(string key, ReadOnlyMemory<byte> body, TimeSpan lifetime, TimeProvider time)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly long _begun = time.GetTimestamp();

        public string Key => key;

        public ReadOnlyMemory<byte> Body => body;

        public int AttemptCount { get; set; }

        public Task Done => _done.Task;

        /// <summary>How long its client may still come back; null when that is over.</summary>
        public TimeSpan? TimeLeft => lifetime - time.GetElapsedTime(_begun) is var left && left >= TimeSpan.FromMilliseconds(1) ? left : null;

        public void Conclude(Exception? error)
        {
            if (error is null)
                _done.SetResult();
            else
                _done.SetException(error);
        }
    }
}
