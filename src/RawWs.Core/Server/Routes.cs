namespace RawWs.Server;

/// <summary>Which session serves which path: an exact one before the longest prefix, and a prefix before any path.</summary>
internal sealed class Routes
{
    private const string AnyPath = "*";
    private const string BelowPrefix = "/*";

    private readonly Dictionary<string, Func<WebSocketConnection, CancellationToken, Task>> _sessions = new(StringComparer.Ordinal);

    // By the prefix with its slash, "/rooms/" for "/rooms/*".
    private readonly Dictionary<string, Func<WebSocketConnection, CancellationToken, Task>> _below = new(StringComparer.Ordinal);

    // Longest first. What a path is compared with grows with what the application has mapped, and not with the slashes that a peer sends.
    private int[] _prefixLengths = [];

    /// <summary>Whether nothing has been mapped.</summary>
    public bool IsEmpty => _sessions.Count == 0 && _below.Count == 0;

    /// <exception cref="ArgumentException">The path is malformed or taken.</exception>
    public void Add(string path, Func<WebSocketConnection, CancellationToken, Task> session)
    {
        var isBelow = path.EndsWith(BelowPrefix, StringComparison.Ordinal);
        var name = isBelow ? path[..^1] : path;
        if (name != AnyPath && (name is not ['/', ..] || name.AsSpan().ContainsAny('?', '#', '*')))
        {
            throw new ArgumentException(
                $"'{path}' is no path: write it as it is after decoding, '/echo', or '/rooms/*' for every path below '/rooms/', or '*' for every path that has no "
                + "session of its own. A star stands nowhere else.", nameof(path));
        }

        if (!(isBelow ? _below : _sessions).TryAdd(name, session))
            throw new ArgumentException($"'{path}' has a session already.", nameof(path));

        if (isBelow)
            _prefixLengths = [.. _below.Keys.Select(prefix => prefix.Length).Distinct().OrderDescending()];
    }

    /// <summary>The session of a path; null if there is none.</summary>
    public Func<WebSocketConnection, CancellationToken, Task>? Find(string path)
        => _sessions.GetValueOrDefault(path) ?? FindBelow(path) ?? _sessions.GetValueOrDefault(AnyPath);

    private Func<WebSocketConnection, CancellationToken, Task>? FindBelow(string path)
    {
        var prefixes = _below.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var length in _prefixLengths)
        {
            // Something must follow the prefix.
            if (length < path.Length && path[length - 1] == '/' && prefixes.TryGetValue(path.AsSpan(0, length), out var session))
                return session;
        }

        return null;
    }
}
