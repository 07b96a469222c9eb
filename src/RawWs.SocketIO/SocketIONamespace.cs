using System.Text.Json;
using RawWs.SocketIO.Json;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO;

/// <summary>A namespace: sockets that connected to its name, with rooms, handlers and middlewares of their own.</summary>
/// <remarks>Thread-safe. Handlers and middlewares are for the sockets that connect from then on.</remarks>
public sealed class SocketIONamespace
{
    private readonly Lock _gate = new();
    private Func<SocketIOSocket, Task>[] _middlewares = [];
    private Func<SocketIOSocket, Task>[] _handlers = [];
    private ulong _nextAckId;

    internal SocketIONamespace(string name, SocketIOServerOptions options, ValueJson json, SocketIOLog log)
        => (Name, Options, Json, Log) = (name, options, json, log);

    /// <summary>Its name, beginning with a slash.</summary>
    public string Name { get; }

    /// <summary>The sockets that are connected at this moment.</summary>
    public IReadOnlyList<SocketIOSocket> Sockets => Rooms.All;

    internal RoomTable Rooms { get; } = new();

    internal SocketIOServerOptions Options { get; }

    internal ValueJson Json { get; }

    internal SocketIOLog Log { get; }

    internal IReadOnlyList<Func<SocketIOSocket, Task>> Middlewares => Volatile.Read(ref _middlewares);

    internal IReadOnlyList<Func<SocketIOSocket, Task>> Handlers => Volatile.Read(ref _handlers);

    /// <summary>Is called for each socket that has connected. The socket's events begin when it returns.</summary>
    public void OnConnection(Action<SocketIOSocket> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        OnConnection(socket =>
        {
            handler(socket);
            return Task.CompletedTask;
        });
    }

    /// <summary>Is called for each socket that has connected. The socket's events begin when the task completes.</summary>
    public void OnConnection(Func<SocketIOSocket, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        lock (_gate)
        {
            Volatile.Write(ref _handlers, [.. _handlers, handler]);
        }
    }

    /// <summary>
    /// Is asked about each socket before it connects, one middleware after the other. To refuse, throw a <see cref="ConnectErrorException"/>; the client is told, its connection
    /// stays, and it may try again. Of any other exception it is told no more than that there was one.
    /// </summary>
    public void Use(Func<SocketIOSocket, Task> middleware)
    {
        ArgumentNullException.ThrowIfNull(middleware);
        lock (_gate)
        {
            Volatile.Write(ref _middlewares, [.. _middlewares, middleware]);
        }
    }

    /// <summary>The members of rooms.</summary>
    public BroadcastOperator To(params IReadOnlyCollection<string> rooms) => new BroadcastOperator(this).To(rooms);

    /// <inheritdoc cref="To"/>
    public BroadcastOperator In(params IReadOnlyCollection<string> rooms) => To(rooms);

    /// <summary>Everybody but the members of rooms.</summary>
    public BroadcastOperator Except(params IReadOnlyCollection<string> rooms) => new BroadcastOperator(this).Except(rooms);

    /// <summary>Everybody.</summary>
    public BroadcastOperator Everybody => new(this);

    /// <summary>Sends an event to everybody.</summary>
    /// <inheritdoc cref="BroadcastOperator.EmitAsync"/>
    public Task EmitAsync(string eventName, params object?[] values) => Everybody.EmitAsync(eventName, values);

    internal ulong NextAckId() => Interlocked.Increment(ref _nextAckId) - 1;

    internal EncodedPacket Encode(string eventName, object?[] values, ulong? id = null)
    {
        ArgumentNullException.ThrowIfNull(eventName);
        ArgumentNullException.ThrowIfNull(values);
        return ReservedNames.Contains(eventName)
            ? throw new ArgumentException($"\"{eventName}\" is a reserved event name", nameof(eventName))
            : Json.EncodeEvent(Name, eventName, values, id);
    }

    internal T? FirstValueOf<T>(Packet answer)
    {
        try
        {
            return answer.Values.Count == 0 ? default : Json.Read<T>(answer.Values[0], answer.Attachments);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new EventValueException($"The answer is no {typeof(T).Name}.", error);
        }
    }
}
