using RawWs.SocketIO.Engine;
using RawWs.SocketIO.Json;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO;

/// <summary>A client in a namespace.</summary>
/// <remarks>
/// Thread-safe. Its handlers are called one after the other, in the order in which the events came: all that came before the client went, even when it has gone since, and none after
/// the server has disconnected it. They may be called on the thread that received: one that has to block belongs on another.
/// </remarks>
public sealed partial class SocketIOSocket
{
    private readonly ClientConnection _connection;
    private readonly EventQueue _events;
    private readonly string? _privateId;
    private readonly StoredSession? _restored;
    private readonly string? _firstOffset;
    private PendingAcks? _pendingAcks;
    private int _isDisconnected;

    /// <param name="connection">Its connection.</param>
    /// <param name="nsp">Where it connects.</param>
    /// <param name="handshake">The first request of its connection, and what it has said.</param>
    /// <param name="restored">What it was before it lost its connection, if it comes back.</param>
    /// <param name="legacyId">Its id if it is that of a client of version 2, which knows it without being told and can't come back.</param>
    internal SocketIOSocket(ClientConnection connection, SocketIONamespace nsp, Handshake handshake, StoredSession? restored = null, string? legacyId = null)
    {
        (_connection, Namespace, Handshake, _restored) = (connection, nsp, handshake, restored);
        _events = new EventQueue(this);
        Id = restored?.SocketId ?? legacyId ?? SessionId.New();

        // The same where it is still there: handlers of what it was before may not be done with it.
        Data = restored?.Data ?? new SocketData();
        _privateId = restored?.PrivateId ?? (nsp.Options.ConnectionStateRecovery is null || legacyId is not null ? null : SessionId.New());
        _firstOffset = restored is null ? nsp.Adapter.LastOffset : restored.FirstOffset;
        _holdGate = restored is null ? null : new Lock();

        // As many as it had been in: middlewares see them, and may change them.
        if (restored is not null)
            nsp.Rooms.Join(this, restored.Rooms, int.MaxValue);
    }

    /// <summary>Its id, which is also the name of a room with nobody else in it.</summary>
    public string Id { get; }

    /// <summary>Where it connected.</summary>
    public SocketIONamespace Namespace { get; }

    /// <summary>The first request of its connection, and what it said when it connected.</summary>
    public Handshake Handshake { get; }

    /// <summary>Whatever the application keeps with it.</summary>
    public SocketData Data { get; }

    /// <summary>Whether it is one that had lost its connection: its id, rooms and data are what they were, and its client has been sent what it missed.</summary>
    public bool IsRecovered => _restored is not null;

    /// <summary>Whether it is connected.</summary>
    public bool IsConnected => System.Threading.Volatile.Read(ref _isDisconnected) == 0;

    /// <summary>The rooms it is in, its own among them; while <see cref="OnDisconnecting(Func{DisconnectReason, Task})"/> runs, those it was in; afterwards none.</summary>
    public IReadOnlyList<string> Rooms => Namespace.Rooms.Of(this);

    /// <summary>Whether its client has said something since it is connected, or has been told that twice. Its connection's, as it reads.</summary>
    internal bool IsHeard { get; set; }

    /// <summary>That of its connection: held for a few lines.</summary>
    internal Lock Gate => _connection.Gate;

    /// <summary>Whether it is in the room of its id, as from its beginning until it leaves it. The table of rooms', under its lock.</summary>
    internal bool IsInOwnRoom { get; set; }

    /// <summary>The other rooms it is in; null before the first. The table of rooms', under its lock.</summary>
    internal HashSet<string>? OtherRooms { get; set; }

    /// <summary>What its client owes. Made with the first question, or with its end: most sockets are never asked.</summary>
    internal PendingAcks PendingAcks => System.Threading.Volatile.Read(ref _pendingAcks) ?? MakePendingAcks();

    /// <summary>Whether an answer of its client is waited for.</summary>
    internal bool IsAsked => System.Threading.Volatile.Read(ref _pendingAcks)?.Count > 0;

    /// <summary>The same of any socket of its client: answers come one behind the other, whichever they are for.</summary>
    internal bool IsClientAsked_NeedsLock => _connection.IsAsked_NeedsLock;

    // That of a client of version 2 has the secret of its connection in it.
    private string IdForLog => _connection.Session.IsLegacy ? "(a client of version 2)" : Id;

    /// <summary>
    /// Joins rooms. In a middleware of its namespace it joins them when it connects, which nobody else sees before, and not at all if it is refused. After it was disconnected
    /// nothing happens.
    /// </summary>
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

    /// <summary>
    /// Disconnects from the namespace; the client is told, and does not come back by itself. Before it has connected, in a middleware, and after it was disconnected nothing happens.
    /// </summary>
    /// <param name="close">Whether the whole connection ends, with its other namespaces.</param>
    public void Disconnect(bool close = false)
    {
        if (close)
            _connection.DisconnectAll(this);
        else
            _connection.Leave(this);
    }

    /// <summary>Connects: from now on it is there, and its connection handlers come before anything that its client says.</summary>
    internal void Connect()
    {
        // A socket that went before its client was told never was, for the application.
        var isThere = IsConnected;
        if (_missed is not null)
        {
            // Who sees it in its rooms may have sent it away already.
            if (IsConnected)
                SendMissed(_missed);
        }
        else
        {
            _connection.Session.Send(Reply());
            Namespace.Rooms.Add(this);
        }

        // Whoever comes second, this or its end, sees the other.
        if (!IsConnected)
            Namespace.Rooms.Remove(this);

        Namespace.Metrics.Connected();
        _events.Begin(isThere ? new(static (socket, nsp) => socket.RunConnectionHandlersAsync((SocketIONamespace)nsp), Namespace) : EventQueue.Nothing);
    }

    /// <summary>Tells its client again that it is connected, once, and only if it has said nothing since.</summary>
    /// <returns>False if it knows that.</returns>
    internal bool TryReplyAgain()
    {
        if (IsHeard)
            return false;

        IsHeard = true;
        Send(Reply(), isVolatile: false, offset: null);
        return true;
    }

    /// <summary>Ends it. Its last handlers run behind what its client has said before.</summary>
    /// <returns>False if it has been ended before.</returns>
    internal bool TryEnd(DisconnectReason reason)
    {
        if (Interlocked.Exchange(ref _isDisconnected, 1) != 0)
            return false;

        // Whoever sends it away wants to hear no more, and a server that stops does not wait for handlers that it has not begun to call.
        var waitingSize = _events.WaitingSize;
        _isOver = reason is DisconnectReason.ServerNamespaceDisconnect or DisconnectReason.ServerShuttingDown || !Namespace.Server.EndedSockets.TryAdd(waitingSize);
        Namespace.Rooms.Remove(this);
        if (Namespace.Adapter.SharesData)
            Persist(reason, Rooms);

        PendingAcks.Close();
        Namespace.Metrics.Disconnected(reason);
        _ = _events.PostAsync(new(static (socket, ending) => socket.RunDisconnectHandlersAsync((Ending)ending), new Ending(reason, waitingSize)));
        return true;
    }

    /// <summary>Waits for an answer of its client, as <see cref="PendingAcks.TryAdd"/> does.</summary>
    internal bool TryAsk(ulong id, Action<IReadOnlyList<EventValue>?> answered)
    {
        if (!PendingAcks.TryAdd(id, answered))
            return false;

        _connection.OnAsked();
        return true;
    }

    /// <summary>An answer is waited for, which may be behind what is held up.</summary>
    internal void LookForRoom_NeedsLock() => _events.LookForRoom_NeedsLock();

    private PendingAcks MakePendingAcks()
    {
        var made = new PendingAcks(Namespace.Options.MaxPendingAckCount, Namespace.Metrics);
        return Interlocked.CompareExchange(ref _pendingAcks, made, null) ?? made;
    }

    // A client of version 2 knows its id already.
    private EncodedPacket Reply()
        => Namespace.Encode(PacketType.Connect, _connection.Session.IsLegacy ? [] : Namespace.Json.Write(new ConnectReply(Id, _privateId)));
}
