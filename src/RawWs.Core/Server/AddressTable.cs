namespace RawWs.Server;

/// <summary>How many connections each address has. Takes memory for those that have one, and not for those that had.</summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class AddressTable
{
    private const int SmallCapacity = 64;

    private readonly Dictionary<AddressKey, int> _counts = [];

    /// <summary>How many addresses there is memory for.</summary>
    public int Capacity => _counts.Capacity;

    /// <summary>How many addresses have a connection.</summary>
    public int Count => _counts.Count;

    public int CountOf(AddressKey address) => _counts.GetValueOrDefault(address);

    public void Add(AddressKey address) => _counts[address] = CountOf(address) + 1;

    public void Remove(AddressKey address)
    {
        var left = CountOf(address) - 1;
        if (left > 0)
        {
            _counts[address] = left;
            return;
        }

        _counts.Remove(address);

        // A dictionary never shrinks by itself. At a quarter, so that each removal pays for a constant part of the copying.
        if (_counts.Capacity > SmallCapacity && _counts.Count < _counts.Capacity / 4)
            _counts.TrimExcess(2 * _counts.Count);
    }
}
