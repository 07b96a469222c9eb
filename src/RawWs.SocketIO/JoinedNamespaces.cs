namespace RawWs.SocketIO;

/// <summary>The namespaces of one connection, by their names: sockets, and places that are taken while middlewares decide. Mostly there is one. Not thread-safe.</summary>
/// <remarks>A mutable value, in place in its connection. As many as a client may join are found as fast in a row as in a dictionary, which would take several times the memory.</remarks>
internal struct JoinedNamespaces
{
    private Place[]? _places;

    /// <summary>How many there are, and are about to be.</summary>
    public readonly int Count => Places.Length;

    private readonly Place[] Places => _places ?? [];

    /// <summary>Takes the place of a namespace that has been neither joined nor asked for.</summary>
    public bool TryReserve(string nsp)
    {
        if (IndexOf(nsp) >= 0)
            return false;

        _places = [.. Places, new Place(nsp, null)];
        return true;
    }

    /// <summary>Puts a socket into the place that was taken for it.</summary>
    public readonly void Fill(SocketIOSocket socket) => Places[IndexOf(socket.Namespace.Name)] = new Place(socket.Namespace.Name, socket);

    /// <summary>A socket; null if there is none, or not yet.</summary>
    public readonly SocketIOSocket? Find(string nsp) => IndexOf(nsp) is >= 0 and var index ? Places[index].Socket : null;

    /// <summary>Gives a place back.</summary>
    public void Remove(string nsp) => _places = [.. Places.Where(place => place.Namespace != nsp)];

    /// <summary>All sockets at this moment.</summary>
    public readonly SocketIOSocket[] ToArray() => [.. Places.Select(place => place.Socket).OfType<SocketIOSocket>()];

    /// <summary>Removes all.</summary>
    public void Clear() => _places = null;

    // Once for each packet: no delegate.
    private readonly int IndexOf(string nsp)
    {
        var places = Places;
        var index = places.Length - 1;
        while (index >= 0 && places[index].Namespace != nsp)
            index--;

        return index;
    }

    private readonly record struct Place(string Namespace, SocketIOSocket? Socket);
}
