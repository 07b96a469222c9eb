namespace RawWs.SocketIO;

/// <summary>
/// Reaches the sockets of a namespace. This one knows those of this server, and no other server; one that joins several derives from it, says each thing to the others
/// in its own way, and does what they say with the methods of this class.
/// </summary>
/// <remarks>
/// Thread-safe, and so is whatever derives from it. Broadcasts are sent to the sockets of this server before a method returns; its task completes when the others have been told.
/// Handlers of <see cref="RoomCreated"/> and its like are called one after the other, in the order of the changes, on whatever thread changed something: they must not block.
/// </remarks>
public class SocketIOAdapter
{
    private readonly Lock _gate = new();
    private Action<string>? _roomCreated, _roomDeleted;
    private Action<string, string>? _roomJoined, _roomLeft;

    /// <summary>Makes the adapter of a namespace; <see cref="SocketIOServerOptions.Adapter"/> is asked for it.</summary>
    public SocketIOAdapter(SocketIONamespace nsp)
    {
        ArgumentNullException.ThrowIfNull(nsp);
        Namespace = nsp;
    }

    /// <summary>A room has its first member: its name. The room of a single socket is one as well.</summary>
    public event Action<string>? RoomCreated
    {
        add => Watch(ref _roomCreated, value);
        remove => Unwatch(ref _roomCreated, value);
    }

    /// <summary>A room has lost its last member: its name.</summary>
    public event Action<string>? RoomDeleted
    {
        add => Watch(ref _roomDeleted, value);
        remove => Unwatch(ref _roomDeleted, value);
    }

    /// <summary>A socket has joined a room: its name, and the socket's id.</summary>
    public event Action<string, string>? RoomJoined
    {
        add => Watch(ref _roomJoined, value);
        remove => Unwatch(ref _roomJoined, value);
    }

    /// <summary>A socket has left a room, or has been disconnected: its name, and the socket's id.</summary>
    public event Action<string, string>? RoomLeft
    {
        add => Watch(ref _roomLeft, value);
        remove => Unwatch(ref _roomLeft, value);
    }

    /// <summary>Whose sockets it reaches.</summary>
    public SocketIONamespace Namespace { get; }

    /// <summary>The names of all rooms on this server, those of single sockets among them.</summary>
    public IReadOnlyList<string> LocalRooms => Namespace.Rooms.Names();

    /// <summary>
    /// Where recovery begins for a client that connects now, and has seen no event before it loses its connection; null where that is not known. Read before the socket
    /// joins its rooms.
    /// </summary>
    public virtual string? LastOffset => null;

    /// <summary>Whether a room has members on this server.</summary>
    public bool HasLocalRoom(string room) => Namespace.Rooms.Contains(room);

    /// <summary>The sockets of this server that are meant, at this moment.</summary>
    public virtual IReadOnlyList<SocketIOSocket> FindLocalSockets(BroadcastOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var selection = Namespace.Rooms.Select(options.Rooms, options.Except);
        return selection.Sockets.ToArray();
    }

    /// <summary>The rooms of a socket of this server; null if it is not here.</summary>
    public IReadOnlyList<string>? FindLocalRooms(string socketId) => Namespace.Rooms.Find(socketId)?.Rooms;

    /// <summary>Called once, when the namespace has been made. No client connects to it before the task completes, and none at all if it fails.</summary>
    public virtual Task InitializeAsync() => Task.CompletedTask;

    /// <summary>Called once, when the namespace goes, or the server closes. Another one of the same name may have begun by then.</summary>
    public virtual Task CloseAsync() => Task.CompletedTask;

    /// <summary>How many servers have this namespace, this one among them.</summary>
    public virtual ValueTask<int> CountServersAsync(CancellationToken cancellationToken = default) => new(1);

    /// <summary>Sends an event.</summary>
    public virtual Task BroadcastAsync(SocketIOPacket packet, BroadcastOptions options)
    {
        Deliver(packet, options);
        return Task.CompletedTask;
    }

    /// <summary>Asks a question.</summary>
    /// <param name="packet">The question. Each server numbers it for itself.</param>
    /// <param name="options">Who is asked; <see cref="BroadcastOptions.Timeout"/> is there.</param>
    /// <param name="acks">Is told what every server asked, and every answer.</param>
    /// <param name="cancellationToken">Nobody waits for answers any more: because the time is up, or because all are there.</param>
    public virtual Task BroadcastWithAckAsync(SocketIOPacket packet, BroadcastOptions options, IBroadcastAckReceiver acks, CancellationToken cancellationToken)
    {
        Ask(packet, options, acks, cancellationToken);
        return Task.CompletedTask;
    }

    /// <summary>Describes the sockets that are meant.</summary>
    public virtual Task<FetchedSockets> FetchSocketsAsync(BroadcastOptions options, CancellationToken cancellationToken = default)
        => Task.FromResult(new FetchedSockets([.. FindLocalSockets(options).Select(socket => new RemoteSocket(socket))]));

    /// <summary>Lets the sockets that are meant join rooms. One that would be in too many joins none of them.</summary>
    public virtual Task JoinSocketsAsync(BroadcastOptions options, IReadOnlyCollection<string> rooms)
    {
        foreach (var socket in FindLocalSockets(options))
        {
            try
            {
                socket.Join(rooms);
            }
            catch (InvalidOperationException error)
            {
                // Another server may have said so: nobody is there to be told.
                socket.ReportError(error);
            }
        }

        return Task.CompletedTask;
    }

    /// <summary>Lets the sockets that are meant leave rooms.</summary>
    public virtual Task LeaveSocketsAsync(BroadcastOptions options, IReadOnlyCollection<string> rooms)
    {
        ArgumentNullException.ThrowIfNull(rooms);
        foreach (var socket in FindLocalSockets(options))
        {
            foreach (var room in rooms)
                socket.Leave(room);
        }

        return Task.CompletedTask;
    }

    /// <summary>Disconnects the sockets that are meant.</summary>
    /// <param name="options">Which.</param>
    /// <param name="close">Whether their connections end too.</param>
    public virtual Task DisconnectSocketsAsync(BroadcastOptions options, bool close)
    {
        foreach (var socket in FindLocalSockets(options))
            socket.Disconnect(close);

        return Task.CompletedTask;
    }

    /// <summary>Sends an event to the other servers: here there are none.</summary>
    public virtual Task ServerSideEmitAsync(SocketIOPacket packet) => Task.CompletedTask;

    /// <summary>Asks the other servers.</summary>
    /// <param name="packet">The question.</param>
    /// <param name="acks">Is told of every other server with a count of 1, and of its answer.</param>
    /// <param name="cancellationToken">Nobody waits for answers any more.</param>
    /// <returns>How many other servers there are.</returns>
    public virtual Task<int> ServerSideEmitWithAckAsync(SocketIOPacket packet, IBroadcastAckReceiver acks, CancellationToken cancellationToken) => Task.FromResult(0);

    /// <summary>
    /// Keeps what a socket was when it lost its connection; called behind the handlers of its disconnecting, so that what they keep with it is there. Here nothing is kept.
    /// </summary>
    public virtual Task PersistSessionAsync(StoredSession session) => Task.CompletedTask;

    /// <summary>Finds a session again.</summary>
    /// <param name="privateId">Its private id, as the client says it.</param>
    /// <param name="offset">The last offset that the client has seen; null if it has seen none.</param>
    /// <returns>Null if there is no such session, it is too old, or what has been sent since is not all there any more.</returns>
    public virtual Task<StoredSession?> RestoreSessionAsync(string privateId, string? offset) => Task.FromResult<StoredSession?>(null);

    /// <summary>What was sent to a session since an offset, in order, up to this moment; each event with its offset. Called when its socket is in its rooms again.</summary>
    /// <returns>Null if it is not all there any more.</returns>
    public virtual Task<IReadOnlyList<SocketIOPacket>?> ReadMissedAsync(StoredSession session, string? offset) => Task.FromResult<IReadOnlyList<SocketIOPacket>?>([]);

    /// <summary>Sends an event to the sockets of this server that are meant.</summary>
    protected void Deliver(SocketIOPacket packet, BroadcastOptions options)
    {
        ArgumentNullException.ThrowIfNull(packet);
        ArgumentNullException.ThrowIfNull(options);
        using var selection = Namespace.Rooms.Select(options.Rooms, options.Except);
        Send(packet, selection, options);
        Notify(packet, selection);
    }

    /// <summary>Asks the sockets of this server that are meant.</summary>
    /// <inheritdoc cref="BroadcastWithAckAsync"/>
    protected void Ask(SocketIOPacket packet, BroadcastOptions options, IBroadcastAckReceiver acks, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(packet);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(acks);
        var id = Namespace.NextAckId();
        var question = packet.WithId(id);
        using var selection = Namespace.Rooms.Select(options.Rooms, options.Except);
        var sockets = selection.Sockets.ToArray();
        acks.Asked(sockets.Length);
        Action<IReadOnlyList<EventValue>?> answered = values =>
        {
            if (values is not null)
                acks.Answered(AckValue.FirstOf(values));
            else
                acks.Left();
        };
        foreach (var socket in sockets)
        {
            if (!socket.TryAsk(id, answered))
                acks.Left();
        }

        Send(question, selection, options);
        Notify(question, selection);

        // Whoever is done with it, or gives up, is done with all of them.
        cancellationToken.UnsafeRegister(_ =>
        {
            foreach (var socket in sockets)
                socket.PendingAcks.Forget(id);
        }, null);
    }

    /// <summary>Has the handlers of <see cref="SocketIONamespace.OnServerSide(string, Func{SocketEvent, Task})"/> called with what another server has said.</summary>
    /// <param name="eventName">The event's name.</param>
    /// <param name="values">What comes with it.</param>
    /// <param name="acknowledge">Takes the first value of the answer, null if it has none, at most once; null if the other server waits for none.</param>
    protected Task ReceiveServerSideAsync(string eventName, IReadOnlyList<EventValue> values, Action<EventValue?>? acknowledge)
        => Namespace.ServerSide.ReceiveAsync(eventName, values, acknowledge);

    internal static void Send(SocketIOPacket packet, SocketSelection selection, BroadcastOptions options)
    {
        if (selection.Count == 0)
            return;

        var encoded = packet.Encode(options.IsCompressible);
        foreach (var socket in selection.Sockets)
            socket.Send(encoded, options.IsVolatile, packet.Offset);
    }

    internal void Notify(SocketIOPacket packet, SocketSelection selection)
    {
        if (!Namespace.HasOutgoingHandlers)
            return;

        foreach (var socket in selection.Sockets)
            socket.NotifyOutgoing(packet);
    }

    /// <summary>
    /// Whether it keeps <see cref="StoredSession.Data"/> itself and not what is in it: then a socket need not wait for its last handlers to be kept, and its client may be back
    /// before they are done.
    /// </summary>
    internal virtual bool SharesData => false;

    /// <summary>What the adapter holds that nobody asks for any more goes.</summary>
    /// <returns>Whether it still holds something.</returns>
    internal virtual bool CleanUp() => false;

    internal void OnRoomChanged(RoomChange change)
    {
        switch (change.Kind)
        {
            case RoomChangeKind.Created:
                _roomCreated?.Invoke(change.Room);
                break;

            case RoomChangeKind.Joined:
                _roomJoined?.Invoke(change.Room, change.SocketId);
                break;

            case RoomChangeKind.Left:
                _roomLeft?.Invoke(change.Room, change.SocketId);
                break;

            default:
                _roomDeleted?.Invoke(change.Room);
                break;
        }
    }

    private void Watch<T>(ref T? handlers, T? handler)
        where T : Delegate
    {
        lock (_gate)
        {
            handlers = (T?)Delegate.Combine(handlers, handler);
        }

        Namespace.Rooms.IsWatched = true;
    }

    private void Unwatch<T>(ref T? handlers, T? handler)
        where T : Delegate
    {
        lock (_gate)
        {
            handlers = (T?)Delegate.Remove(handlers, handler);
        }
    }
}
