namespace RawWs.Redis.Client;

/// <summary>All streams that a client follows, each over a connection of its own.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="open">Begins to read a stream, by its key, how many entries are read at once, and how long Redis is asked to wait for one.</param>
internal sealed class StreamTable(Func<string, int, TimeSpan, StreamLink> open) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, StreamLink> _streams = new(StringComparer.Ordinal);
    private bool _isDisposed;

    /// <summary>Whether all of them are connected.</summary>
    public bool AreConnected
    {
        get
        {
            lock (_gate)
            {
                return _streams.Count == 0 || _streams.Values.All(static stream => stream.IsConnected);
            }
        }
    }

    /// <inheritdoc cref="IOrderedRedisClient.Follow"/>
    public void Follow(string key, int readCount, TimeSpan blockTime, IStreamFollower follower)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(IRedisClient));
            if (!_streams.TryGetValue(key, out var stream))
                _streams.Add(key, stream = open(key, readCount, blockTime));

            stream.Add(follower);
        }
    }

    /// <inheritdoc cref="IOrderedRedisClient.UnfollowAsync"/>
    public async ValueTask UnfollowAsync(string key, IStreamFollower follower)
    {
        StreamLink? ended = null;
        lock (_gate)
        {
            if (_streams.TryGetValue(key, out var stream))
            {
                stream.Remove(follower);
                if (stream.IsIdle && _streams.Remove(key))
                    ended = stream;
            }
        }

        if (ended is not null)
            await ended.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        StreamLink[] streams;
        lock (_gate)
        {
            _isDisposed = true;
            streams = [.. _streams.Values];
            _streams.Clear();
        }

        foreach (var stream in streams)
            await stream.DisposeAsync().ConfigureAwait(false);
    }
}
