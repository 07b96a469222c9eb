namespace RawWs.Redis.Client;

/// <summary>How far a stream has been read, and what of it lately: so that the place is found again when the stream has gone back, for it was made anew, or is that of a replica that had not had everything.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class StreamPlace
{
    /// <summary>The id before the first entry.</summary>
    public const string Beginning = "0-0";

    /// <summary>How many entries are remembered, which is how far a stream may go back without anything being told twice or left out.</summary>
    public const int MaxKnownCount = 1_000;

    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly Queue<string> _byAge = new();
    private string _begin = Beginning;

    /// <summary>The id of the entry that was read last; null until the stream has been seen.</summary>
    public string? Last { get; private set; }

    /// <summary>The stream is followed from here.</summary>
    public void Begin(string last) => Last = _begin = last;

    /// <summary>An entry has been read.</summary>
    public void MoveTo(string id)
    {
        Last = id;
        if (!_known.Add(id))
            return;

        _byAge.Enqueue(id);
        if (_byAge.Count > MaxKnownCount)
            _known.Remove(_byAge.Dequeue());
    }

    /// <summary>Goes back to an earlier place.</summary>
    public void GoBackTo(string id) => Last = id;

    /// <summary>Whether the stream has gone back: then what is added to it now may have ids that lie before the place.</summary>
    /// <param name="newest">The id of its last entry.</param>
    public bool IsBeyond(string newest) => Last is { } last && RedisStreamEntry.CompareIds(newest, last) < 0;

    /// <summary>Whether an entry has been read, or was there before any was.</summary>
    public bool IsKnown(string id) => _known.Contains(id) || (_begin != Beginning && RedisStreamEntry.CompareIds(id, _begin) <= 0);
}
