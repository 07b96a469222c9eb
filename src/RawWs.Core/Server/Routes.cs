namespace RawWs.Server;

/// <summary>Which session serves which path.</summary>
internal sealed class Routes
{
    private const string AnyPath = "*";

    private readonly Dictionary<string, Func<WebSocketConnection, CancellationToken, Task>> _sessions = new(StringComparer.Ordinal);

    /// <summary>Whether nothing has been mapped.</summary>
    public bool IsEmpty => _sessions.Count == 0;

    /// <exception cref="ArgumentException">The path is malformed or taken.</exception>
    public void Add(string path, Func<WebSocketConnection, CancellationToken, Task> session)
    {
        if (path != AnyPath && (path is not ['/', ..] || path.AsSpan().ContainsAny('?', '#', '*')))
            throw new ArgumentException($"'{path}' is no path: write it as it is after decoding, '/echo', or '*' for every path that has none of its own.", nameof(path));

        if (!_sessions.TryAdd(path, session))
            throw new ArgumentException($"'{path}' has a session already.", nameof(path));
    }

    /// <summary>The session of a path; null if there is none.</summary>
    public Func<WebSocketConnection, CancellationToken, Task>? Find(string path)
        => _sessions.GetValueOrDefault(path) ?? _sessions.GetValueOrDefault(AnyPath);
}
