namespace RawWs.Server;

/// <summary>What serves which path: an exact one before the longest prefix, and a prefix before any path.</summary>
internal sealed class Routes<T>
    where T : class
{
    private const string AnyPath = "*";
    private const string BelowPrefix = "/*";

    private readonly Dictionary<string, T> _exact = new(StringComparer.Ordinal);

    // By the prefix with its slash, "/rooms/" for "/rooms/*".
    private readonly Dictionary<string, T> _below = new(StringComparer.Ordinal);

    // Longest first. What a path is compared with grows with what the application has mapped, and not with the slashes that a peer sends.
    private int[] _prefixLengths = [];

    /// <summary>Whether nothing has been mapped.</summary>
    public bool IsEmpty => _exact.Count == 0 && _below.Count == 0;

    /// <exception cref="ArgumentException">The path is malformed or taken.</exception>
    public void Add(string path, T target)
    {
        var isBelow = path.EndsWith(BelowPrefix, StringComparison.Ordinal);
        var name = isBelow ? path[..^1] : path;
        if (name != AnyPath && (name is not ['/', ..] || name.AsSpan().ContainsAny('?', '#', '*')))
        {
            throw new ArgumentException(
                $"'{path}' is no path: write it as it is after decoding, '/echo', or '/rooms/*' for every path below '/rooms/', or '*' for every path that is not "
                + "mapped itself. A star stands nowhere else.", nameof(path));
        }

        if (!(isBelow ? _below : _exact).TryAdd(name, target))
            throw new ArgumentException($"'{path}' is mapped already.", nameof(path));

        if (isBelow)
            _prefixLengths = [.. _below.Keys.Select(prefix => prefix.Length).Distinct().OrderDescending()];
    }

    /// <summary>What serves a path; null if there is nothing.</summary>
    public T? Find(string path) => _exact.GetValueOrDefault(path) ?? FindBelow(path) ?? _exact.GetValueOrDefault(AnyPath);

    /// <summary>The string that a path was mapped with, so that its connections share it; the path itself if it was not mapped exactly.</summary>
    public string Shared(string path)
        => _exact.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(path, out var mapped, out _) ? mapped : path;

    private T? FindBelow(string path)
    {
        var prefixes = _below.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var length in _prefixLengths)
        {
            // Something must follow the prefix.
            if (length < path.Length && path[length - 1] == '/' && prefixes.TryGetValue(path.AsSpan(0, length), out var target))
                return target;
        }

        return null;
    }
}
