namespace RawWs.Host;

/// <summary>
/// Which messages were said last, in all rooms together, so that what a client sends again because it missed the confirmation is not said twice. Clients that
/// are sent one again all the same, because it was too long ago, know it by its id.
/// </summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="capacity">How many are remembered.</param>
internal sealed class RecentMessages(int capacity)
{
    private readonly Lock _gate = new();
    private readonly HashSet<(string Room, string Id)> _known = [];
    private readonly Queue<(string Room, string Id)> _byAge = new();

    /// <returns>Whether it is new.</returns>
    public bool TryAdd(string room, string id)
    {
        lock (_gate)
        {
            if (!_known.Add((room, id)))
                return false;

            _byAge.Enqueue((room, id));
            if (_byAge.Count > capacity)
                _known.Remove(_byAge.Dequeue());

            return true;
        }
    }
}
