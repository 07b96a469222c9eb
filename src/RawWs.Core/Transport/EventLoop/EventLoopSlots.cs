namespace RawWs.Transport;

/// <summary>
/// What a loop watches, by the tokens that the system names it with. A place is used again and a token is not: what the system still has to say of a
/// connection that has ended reaches nobody.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class EventLoopSlots
{
    private const int IndexBits = 32;

    private readonly Lock _gate = new();
    private readonly Stack<int> _free = [];
    private IWatched?[] _watched = new IWatched?[64];
    private int _usedLength;
    private uint _lastGeneration;
    private int _count;

    /// <summary>How many there are, roughly.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Finds a place, and sets the <see cref="IWatched.Token"/> to be found by.</summary>
    public void Add(IWatched watched)
    {
        lock (_gate)
        {
            if (!_free.TryPop(out var index))
            {
                index = _usedLength++;
                if (index == _watched.Length)
                    Volatile.Write(ref _watched, Grown_NeedsLock());
            }

            watched.Token = ((ulong)++_lastGeneration << IndexBits) | (uint)index;
            Volatile.Write(ref _watched[index], watched);
            Volatile.Write(ref _count, _count + 1);
        }
    }

    /// <summary>Gives a place up. Called once for each.</summary>
    public void Remove(IWatched watched)
    {
        lock (_gate)
        {
            var index = IndexOf(watched.Token);
            Volatile.Write(ref _watched[index], null);
            _free.Push(index);
            Volatile.Write(ref _count, _count - 1);
        }
    }

    /// <summary>Whose token it is, null if that is watched no more.</summary>
    public IWatched? Find(ulong token)
    {
        // Without the lock: a place is filled before the system learns of the token.
        var watched = Volatile.Read(ref Volatile.Read(ref _watched)[IndexOf(token)]);
        return watched?.Token == token ? watched : null;
    }

    /// <summary>Begins to load whose token it is.</summary>
    public void Load(ulong token)
    {
        if (Volatile.Read(ref Volatile.Read(ref _watched)[IndexOf(token)]) is { } watched)
            ProcessorCache.Load(watched, EventLoopReader.LoadedSize);
    }

    private static int IndexOf(ulong token) => (int)(uint)token;

    private IWatched?[] Grown_NeedsLock()
    {
        var grown = new IWatched?[2 * _watched.Length];
        _watched.CopyTo(grown, 0);
        return grown;
    }
}
