using System.Collections.Concurrent;
using RawWs.SocketIO.Engine;
using RawWs.SocketIO.Json;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO;

/// <summary>A client in a namespace.</summary>
/// <remarks>
/// Thread-safe. Its handlers are called one after the other, in the order in which the events came, and none after it was disconnected. They may be called on the
/// thread that received: one that has to block belongs on another.
/// </remarks>
public sealed partial class SocketIOSocket
{
    private readonly ClientConnection _connection;
    private readonly EventQueue _events;
    private int _isDisconnected;

    internal SocketIOSocket(ClientConnection connection, SocketIONamespace nsp, Handshake handshake, string? id = null)
    {
        Id = id ?? SessionId.New();
        (_connection, Namespace, Handshake) = (connection, nsp, handshake);
        _events = new EventQueue(nsp.Options.MaxPendingEventCount);
        PendingAcks = new PendingAcks(nsp.Options.MaxPendingAckCount);
    }

    /// <summary>Its id, which is also the name of a room with nobody else in it.</summary>
    public string Id { get; }

    /// <summary>Where it connected.</summary>
    public SocketIONamespace Namespace { get; }

    /// <summary>The first request of its connection, and what it said when it connected.</summary>
    public Handshake Handshake { get; }

    /// <summary>Whatever the application keeps with it.</summary>
    public ConcurrentDictionary<string, object?> Data { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether it is connected.</summary>
    public bool IsConnected => Volatile.Read(ref _isDisconnected) == 0;

    /// <summary>The rooms it is in, its own among them; while <see cref="OnDisconnecting(Func{DisconnectReason, Task})"/> runs, those it was in; afterwards none.</summary>
    public IReadOnlyList<string> Rooms => Namespace.Rooms.Of(this);

    /// <summary>Guarded by the table of rooms.</summary>
    internal HashSet<string> JoinedRooms { get; } = new(StringComparer.Ordinal);

    internal PendingAcks PendingAcks { get; }

    // That of a client of version 2 has the secret of its connection in it.
    private string IdForLog => _connection.Session.IsLegacy ? "(a client of version 2)" : Id;

    /// <summary>Joins rooms. After it was disconnected nothing happens.</summary>
    /// <exception cref="InvalidOperationException">It would be in too many.</exception>
    public void Join(params IReadOnlyCollection<string> rooms)
    {
        ArgumentNullException.ThrowIfNull(rooms);
        Namespace.Rooms.Join(this, rooms, Namespace.Options.MaxRoomsPerSocket);
    }

    /// <summary>Leaves a room.</summary>
    public void Leave(string room)
    {
        ArgumentNullException.ThrowIfNull(room);
        Namespace.Rooms.Leave(this, room);
    }

    /// <summary>Disconnects from the namespace; the client is told, and does not come back by itself.</summary>
    /// <param name="close">Whether the whole connection ends, with its other namespaces.</param>
    public void Disconnect(bool close = false)
    {
        if (close)
            _connection.DisconnectAll();
        else
            _connection.Leave(this);
    }

    /// <summary>Connects: from now on it is there, and events wait for its connection handlers.</summary>
    internal void Connect()
    {
        _connection.Session.Send(PacketWriter.Encode(PacketType.Connect, Namespace.Name, _connection.Session.IsLegacy ? [] : Namespace.Json.Write(new ConnectReply(Id))));
        Namespace.Rooms.Add(this);

        // Whoever comes second, this or its end, sees the other.
        if (!IsConnected)
            Namespace.Rooms.Remove(this);

        _ = _events.PostAsync(RunConnectionHandlersAsync);
    }

    /// <summary>Ends it. Its last handlers run behind those that are running.</summary>
    /// <returns>False if it has been ended before.</returns>
    internal bool TryEnd(DisconnectReason reason)
    {
        if (Interlocked.Exchange(ref _isDisconnected, 1) != 0)
            return false;

        Namespace.Rooms.Remove(this);
        PendingAcks.Close();
        _ = _events.PostAsync(() => RunDisconnectHandlersAsync(reason));
        return true;
    }

    internal void Send(EncodedPacket packet, bool isVolatile)
    {
        if (IsConnected)
            _connection.Session.Send(packet, isVolatile);
    }

    internal void SendAck(ulong id, object?[] values) => Send(Namespace.Json.EncodeAck(Namespace.Name, id, values), isVolatile: false);
}
