namespace RawWs.SocketIO;

/// <summary>The namespaces of one connection, by their names: sockets, and places that are taken while middlewares decide. Mostly there is one.</summary>
/// <remarks>
/// A mutable value, in place in its connection. Changed by one thread at a time, and looked into by any: it is a row that is replaced as a whole. As many as a client may join
/// are found as fast there as in a dictionary, which would take several times the memory.
/// </remarks>
internal struct JoinedNamespaces
{
    private Place[]? _places;

    /// <summary>How many there are, and are about to be.</summary>
    public readonly int Count => Places.Length;

    /// <summary>Whether an answer is waited for in any of them.</summary>
    public readonly bool IsAsked => Places.Any(place => place.Socket is { IsAsked: true });

    private readonly Place[] Places => Volatile.Read(in _places) ?? [];

    /// <summary>Takes the place of a namespace that has been neither joined nor asked for.</summary>
    public bool TryReserve(string nsp)
    {
        if (Places.Any(place => place.Namespace == nsp))
            return false;

        Replace([.. Places, new Place(nsp, null, null)]);
        return true;
    }

    /// <summary>Notes that a place is asked for again while it is decided about; of several requests the last counts.</summary>
    /// <returns>False if nothing is to be decided.</returns>
    public bool TryRemember(ConnectRequest request)
    {
        if (!Places.Any(place => place.Namespace == request.Namespace && place.Socket is null))
            return false;

        Replace([.. Places.Select(place => place.Namespace == request.Namespace ? place with { Repeated = request } : place)]);
        return true;
    }

    /// <summary>What a place has been asked for again with, once.</summary>
    public ConnectRequest? TakeRepeated(string nsp)
    {
        var repeated = Places.FirstOrDefault(place => place.Namespace == nsp).Repeated;
        if (repeated is not null)
            Replace([.. Places.Select(place => place.Namespace == nsp ? place with { Repeated = null } : place)]);

        return repeated;
    }

    /// <summary>Puts a socket into the place that was taken for it.</summary>
    public void Fill(SocketIOSocket socket)
        => Replace([.. Places.Select(place => place.Namespace == socket.Namespace.Name ? place with { Socket = socket } : place)]);

    /// <summary>A socket; null if there is none, or not yet.</summary>
    public readonly SocketIOSocket? Find(string nsp)
    {
        foreach (var place in Places)
        {
            if (place.Namespace == nsp)
                return place.Socket;
        }

        return null;
    }

    /// <summary>Gives a place back.</summary>
    public void Remove(string nsp) => Replace([.. Places.Where(place => place.Namespace != nsp)]);

    /// <summary>All sockets at this moment.</summary>
    public readonly SocketIOSocket[] ToArray() => [.. Places.Select(place => place.Socket).OfType<SocketIOSocket>()];

    /// <summary>Lets what is held up in any of them go on, if there is room now. Under the lock of their connection.</summary>
    public readonly void LookForRoom()
    {
        foreach (var place in Places)
            place.Socket?.LookForRoom_NeedsLock();
    }

    /// <summary>Removes all.</summary>
    public void Clear() => Replace([]);

    private void Replace(Place[] places) => Volatile.Write(ref _places, places);

    private readonly record struct Place(string Namespace, SocketIOSocket? Socket, ConnectRequest? Repeated);
}
