namespace RawWs.Transport;

/// <summary>
/// When the memory that records of one direction pass through is given back: it stays as large as the largest of them, and making it anew costs a sixth of what a large record costs in all. So it is
/// kept while large ones follow each other, and given back when several small ones have, such as the pings of a connection that is idle.
/// </summary>
/// <remarks>A mutable value, for one thread at a time.</remarks>
internal struct RecordMemory
{
    private const int MaxKeptSize = 4 * 1024;

    // A message of several records may end with a small one.
    private const int SmallCount = 2;

    private int _remaining;

    /// <summary>A record has passed through.</summary>
    /// <returns>Whether the memory is to be given back.</returns>
    public bool IsToBeReleased(long length)
    {
        if (length > MaxKeptSize)
            _remaining = SmallCount;
        else if (_remaining > 0)
            return --_remaining == 0;

        return false;
    }
}
