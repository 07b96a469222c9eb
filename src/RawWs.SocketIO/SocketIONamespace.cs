using RawWs.SocketIO.Json;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO;

/// <summary>A namespace: sockets that connected to its name, with rooms, handlers and middlewares of their own. This part is what it is and who connects to it.</summary>
/// <remarks>Thread-safe. Handlers and middlewares are for the sockets that connect from then on.</remarks>
public sealed partial class SocketIONamespace
{
    private readonly HandlerList<Func<SocketIOSocket, Task>> _middlewares = new();
    private readonly HandlerList<Func<SocketIOSocket, Task>> _handlers = new();
    private readonly Lazy<Task<bool>> _initialized;
    private readonly Lock _gate = new();
    private readonly HashSet<string> _reservedIds = new(StringComparer.Ordinal);
    private ulong _nextAckId;
    private int _hasOutgoingHandlers;

    internal SocketIONamespace(string name, SocketIOServer server, Func<SocketIONamespace, SocketIOAdapter> makeAdapter)
    {
        (Name, Server) = (name, server);
        Rooms = new RoomTable(OnRoomChanged);
        ServerSide = new ServerSideEvents(this);
        Adapter = makeAdapter(this) ?? throw new InvalidOperationException("There is no adapter.");
        _initialized = new Lazy<Task<bool>>(InitializeAdapterAsync);
    }

    /// <summary>Its name, beginning with a slash.</summary>
    public string Name { get; }

    /// <summary>What reaches its sockets, on this server and on others.</summary>
    public SocketIOAdapter Adapter { get; }

    /// <summary>The sockets that are connected to this server at this moment.</summary>
    public IReadOnlyList<SocketIOSocket> Sockets => Rooms.All;

    internal RoomTable Rooms { get; }

    internal SocketIOServer Server { get; }

    internal SocketIOServerOptions Options => Server.Options;

    internal ValueJson Json => Server.Json;

    internal SocketIOLog Log => Server.Log;

    internal SocketIOMetrics Metrics => Server.Metrics;

    internal ServerSideEvents ServerSide { get; }

    internal HandlerList<Func<SocketIOSocket, Task>>.Snapshot Middlewares => _middlewares.All;

    internal HandlerList<Func<SocketIOSocket, Task>>.Snapshot Handlers => _handlers.All;

    /// <summary>Whether any socket has ever wanted to know what is sent.</summary>
    internal bool HasOutgoingHandlers => System.Threading.Volatile.Read(ref _hasOutgoingHandlers) != 0;

    /// <summary>Is called for each socket that has connected. The socket's events begin when it returns.</summary>
    /// <returns>Removes the handler when it is disposed.</returns>
    public IDisposable OnConnection(Action<SocketIOSocket> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return OnConnection(socket =>
        {
            handler(socket);
            return Task.CompletedTask;
        });
    }

    /// <summary>Is called for each socket that has connected. The socket's events begin when the task completes.</summary>
    /// <returns>Removes the handler when it is disposed.</returns>
    public IDisposable OnConnection(Func<SocketIOSocket, Task> handler) => _handlers.Add(handler);

    /// <summary>
    /// Is asked about each socket before it connects, one middleware after the other. To refuse, throw a <see cref="ConnectErrorException"/>; the client is told, its connection
    /// stays, and it may try again. Of any other exception it is told no more than that there was one.
    /// </summary>
    /// <returns>Removes the middleware when it is disposed.</returns>
    public IDisposable Use(Func<SocketIOSocket, Task> middleware) => _middlewares.Add(middleware);

    /// <summary>What a new namespace of a kind begins with.</summary>
    internal void CopyHandlersFrom(SocketIONamespace parent)
    {
        foreach (var middleware in parent.Middlewares)
            Use(middleware);

        foreach (var handler in parent.Handlers)
            OnConnection(handler);
    }

    /// <summary>Begins to initialize its adapter, or goes on to do so.</summary>
    /// <returns>Whether it succeeded; what went wrong has been logged.</returns>
    internal Task<bool> InitializeAsync() => _initialized.Value;

    /// <summary>Reserves the id of a socket that comes back, until it is in its rooms.</summary>
    /// <returns>False if there is one of that id, or about to be.</returns>
    internal bool TryReserveId(string socketId)
    {
        lock (_gate)
        {
            return Rooms.Find(socketId) is null && _reservedIds.Add(socketId);
        }
    }

    /// <summary>The id is taken, or will not be.</summary>
    internal void UnreserveId(string socketId)
    {
        lock (_gate)
        {
            _reservedIds.Remove(socketId);
        }
    }

    internal void WatchOutgoing() => System.Threading.Volatile.Write(ref _hasOutgoingHandlers, 1);

    internal ulong NextAckId() => Interlocked.Increment(ref _nextAckId) - 1;

    internal EncodedPacket Encode(PacketType type, ReadOnlySpan<byte> payload = default) => Options.Parser.Encode(type, Name, null, payload, []);

    internal EncodedPacket EncodeAck(ulong id, object?[] values)
    {
        using var written = Json.WriteAck(values);
        return Options.Parser.Encode(PacketType.Ack, Name, id, written.Json.WrittenSpan, written.Attachments);
    }

    internal IReadOnlyList<EventValue> ValuesOf(Packet packet)
    {
        var values = new EventValue[packet.Values.Count];
        for (var index = 0; index < values.Length; index++)
            values[index] = new EventValue(packet.Values[index], packet.Attachments, Json);

        return values;
    }

    private async Task<bool> InitializeAdapterAsync()
    {
        try
        {
            await Adapter.InitializeAsync().ConfigureAwait(false);
            return true;
        }
        catch (Exception error)
        {
            // Of clients that connect each is told that there is an error.
            Log.AdapterFailed(Name, error);
            return false;
        }
    }

    private void OnRoomChanged(RoomChange change)
    {
        try
        {
            Adapter.OnRoomChanged(change);
        }
        catch (Exception error)
        {
            // The top of the application's code for this change.
            Log.RoomHandlerFailed(Name, error);
        }
    }
}
