namespace RawWs.Fuzz;

/// <summary>The inputs that others are made from: files at first, then whatever showed something new.</summary>
internal sealed class Corpus
{
    private const int MaxEntries = 2048;
    private const int MaxBehaviours = 1 << 18;

    private readonly List<byte[]> _entries = [];
    private readonly HashSet<ulong> _behaviours = [];
    private readonly int _fileCount;

    /// <param name="files">The entries that are never given up.</param>
    public Corpus(IEnumerable<byte[]> files)
    {
        _entries.AddRange(files);
        _fileCount = _entries.Count;
    }

    public int Count => _entries.Count;

    public byte[] Pick(SplitMix64 random) => _entries.Count == 0 ? [] : _entries[random.Below(_entries.Count)];

    /// <summary>Notes down a behaviour.</summary>
    /// <returns>Whether it is new.</returns>
    public bool IsNew(ulong behaviour) => _behaviours.Count < MaxBehaviours && _behaviours.Add(behaviour);

    public void Add(byte[] input, SplitMix64 random)
    {
        if (_entries.Count < MaxEntries)
            _entries.Add(input);
        else if (_fileCount < MaxEntries)
            _entries[random.Between(_fileCount, MaxEntries - 1)] = input;
    }
}
