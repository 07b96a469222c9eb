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
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestFlush = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly HashSet<Task> _saving = [];

    /// <summary>Keeps a session.</summary>
    /// <param name="nsp">The namespace it is of.</param>
    /// <param name="session">The session.</param>
    /// <param name="recovery">For how long, and how many may wait for a Redis that is away.</param>
    /// <exception cref="NotSupportedException">Nobody knows how to write what the application keeps with it.</exception>
    public Task SaveAsync(SocketIONamespace nsp, StoredSession session, ConnectionStateRecoveryOptions recovery)
    {
        var body = SessionBody.Write(nsp, session);
        lock (_gate)
        {
            if (_saving.Count >= recovery.MaxSessionCount)
                throw new RedisUnavailableException($"{_saving.Count} sessions wait for it already ({nameof(ConnectionStateRecoveryOptions.MaxSessionCount)}).");

            var saving = SaveAsync(keyPrefix + session.PrivateId, body, recovery.MaxDisconnectionDuration);
            if (!saving.IsCompleted)
            {
                _saving.Add(saving);
                _ = saving.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }

            return saving;
        }
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

    /// <summary>Waits until all is kept that there is to keep, for a second at most.</summary>
    public async Task FlushAsync()
    {
        Task[] saving;
        lock (_gate)
        {
            saving = [.. _saving];
        }

        if (redis.IsConnected)
            await Task.WhenAll(saving).WaitAsync(LongestFlush, redis.Options.TimeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task SaveAsync(string key, ReadOnlyMemory<byte> body, TimeSpan lifetime)
    {
        var begun = redis.Options.TimeProvider.GetTimestamp();
        for (var isFirst = true; ; isFirst = false)
        {
            try
            {
                // When the answer was lost, it may have been kept, and taken by another server, which may have kept a later one: that one stays.
                var rest = lifetime - redis.Options.TimeProvider.GetElapsedTime(begun);
                if (rest >= TimeSpan.FromMilliseconds(1))
                    await redis.SetAsync(key, body, rest, onlyIfNew: !isFirst).ConfigureAwait(false);

                return;
            }
            catch (Exception error) when (error is RedisUnavailableException or RedisErrorException { IsPassing: true })
            {
                // Its client may be on the way already: as soon as Redis is there.
                await Task.Delay(RetryInterval, redis.Options.TimeProvider).ConfigureAwait(false);
            }
        }
    }

    private void Forget(Task saving)
    {
        lock (_gate)
        {
            _saving.Remove(saving);
        }
    }
}
