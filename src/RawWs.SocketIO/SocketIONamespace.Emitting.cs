using System.Text.Json;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO;

// What is sent: to its sockets, and to the same namespace on other servers.
public sealed partial class SocketIONamespace
{
    private static readonly TimeSpan ServerTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Everybody.</summary>
    public BroadcastOperator Everybody => new(this, BroadcastOptions.Everybody);

    /// <inheritdoc cref="BroadcastOperator.Volatile"/>
    public BroadcastOperator Volatile => Everybody.Volatile;

    /// <inheritdoc cref="BroadcastOperator.Local"/>
    public BroadcastOperator Local => Everybody.Local;

    /// <summary>The members of rooms.</summary>
    public BroadcastOperator To(params IReadOnlyCollection<string> rooms) => Everybody.To(rooms);

    /// <inheritdoc cref="To"/>
    public BroadcastOperator In(params IReadOnlyCollection<string> rooms) => To(rooms);

    /// <summary>Everybody but the members of rooms.</summary>
    public BroadcastOperator Except(params IReadOnlyCollection<string> rooms) => Everybody.Except(rooms);

    /// <summary>Sends an event to everybody.</summary>
    /// <inheritdoc cref="BroadcastOperator.EmitAsync"/>
    public Task EmitAsync(string eventName, params object?[] values) => Everybody.EmitAsync(eventName, values);

    /// <summary>Is called for what the same namespace on another server has said with <see cref="ServerSideEmitAsync"/>.</summary>
    /// <param name="eventName">The event's name.</param>
    /// <param name="handler">Called for each event; to answer, it calls <see cref="SocketEvent.Acknowledge"/>. What it throws is logged.</param>
    /// <returns>Removes the handler when it is disposed.</returns>
    public IDisposable OnServerSide(string eventName, Func<SocketEvent, Task> handler)
    {
        ThrowIfReservedForServers(eventName);
        ArgumentNullException.ThrowIfNull(handler);
        return ServerSide.Add(eventName, handler);
    }

    /// <inheritdoc cref="OnServerSide(string, Func{SocketEvent, Task})"/>
    public IDisposable OnServerSide(string eventName, Action<SocketEvent> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return OnServerSide(eventName, received =>
        {
            handler(received);
            return Task.CompletedTask;
        });
    }

    /// <summary>Sends an event to the same namespace on the other servers, not to this one.</summary>
    /// <inheritdoc cref="BroadcastOperator.EmitAsync"/>
    public Task ServerSideEmitAsync(string eventName, params object?[] values) => Adapter.ServerSideEmitAsync(CreateServerSidePacket(eventName, values));

    /// <summary>Sends an event to the same namespace on the other servers, and waits until all have answered, or 5 s have passed.</summary>
    /// <inheritdoc cref="BroadcastOperator.EmitAsync" path="/param|/exception"/>
    /// <exception cref="EventValueException">An answer is no <typeparamref name="T"/>.</exception>
    public Task<BroadcastAcks<T>> ServerSideEmitWithAckAsync<T>(string eventName, params object?[] values)
    {
        var packet = CreateServerSidePacket(eventName, values);
        return AckWaiting.WaitAsync<T>(this, ServerTimeout, (acks, stopping) => Adapter.ServerSideEmitWithAckAsync(packet, acks, stopping));
    }

    /// <summary>Writes an event once, to be sent with <see cref="Adapter"/>, or for an adapter to send what another server has said.</summary>
    /// <inheritdoc cref="BroadcastOperator.EmitAsync" path="/param|/exception"/>
    public SocketIOPacket CreatePacket(string eventName, params object?[] values)
    {
        ArgumentNullException.ThrowIfNull(eventName);
        ArgumentNullException.ThrowIfNull(values);
        return ReservedNames.Contains(eventName)
            ? throw new ArgumentException($"\"{eventName}\" is a reserved event name", nameof(eventName))
            : new SocketIOPacket(this, eventName, Json.WriteEvent(eventName, values));
    }

    /// <summary>A value that another server has sent, for <see cref="CreatePacket"/> and whatever else takes values.</summary>
    /// <param name="utf8Json">JSON, which the value owns from now on.</param>
    /// <param name="attachments">What placeholders in it stand for; with none there are no placeholders.</param>
    /// <exception cref="JsonException">It is no JSON, or no UTF-8, too deep, or has a placeholder that stands for nothing.</exception>
    public EventValue CreateValue(ReadOnlyMemory<byte> utf8Json, params IReadOnlyList<ReadOnlyMemory<byte>> attachments)
    {
        ArgumentNullException.ThrowIfNull(attachments);
        return Json.FromJson(utf8Json, attachments);
    }

    private SocketIOPacket CreateServerSidePacket(string eventName, object?[] values)
    {
        ThrowIfReservedForServers(eventName);
        ArgumentNullException.ThrowIfNull(values);
        return new SocketIOPacket(this, eventName, Json.WriteEvent(eventName, values));
    }

    private static void ThrowIfReservedForServers(string eventName)
    {
        ArgumentNullException.ThrowIfNull(eventName);
        if (eventName is "connect" or "connection" or "new_namespace")
            throw new ArgumentException($"\"{eventName}\" is a reserved event name", nameof(eventName));
    }
}
