using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO;

// What is sent: to the client, and to others beside it.
public sealed partial class SocketIOSocket : IAckSender
{
    /// <summary>Everybody else in the namespace.</summary>
    public BroadcastOperator Broadcast => Emitter.Broadcast;

    /// <summary>Everybody else on this server.</summary>
    public BroadcastOperator Local => Broadcast.Local;

    /// <inheritdoc cref="SocketEmitter.Volatile"/>
    public SocketEmitter Volatile => Emitter.Volatile;

    private SocketEmitter Emitter => new(this, BroadcastOptions.Everybody);

    /// <summary>The members of rooms, but not this socket.</summary>
    public BroadcastOperator To(params IReadOnlyCollection<string> rooms) => Broadcast.To(rooms);

    /// <inheritdoc cref="To"/>
    public BroadcastOperator In(params IReadOnlyCollection<string> rooms) => To(rooms);

    /// <summary>Everybody but this socket and the members of rooms.</summary>
    public BroadcastOperator Except(params IReadOnlyCollection<string> rooms) => Broadcast.Except(rooms);

    /// <inheritdoc cref="SocketEmitter.Compress"/>
    public SocketEmitter Compress(bool isCompressible) => Emitter.Compress(isCompressible);

    /// <inheritdoc cref="SocketEmitter.Timeout"/>
    public SocketEmitter Timeout(TimeSpan timeout) => Emitter.Timeout(timeout);

    /// <inheritdoc cref="SocketEmitter.EmitAsync"/>
    public Task EmitAsync(string eventName, params object?[] values) => Emitter.EmitAsync(eventName, values);

    /// <inheritdoc cref="SocketEmitter.SendAsync"/>
    public Task SendAsync(params object?[] values) => Emitter.SendAsync(values);

    /// <inheritdoc cref="SocketEmitter.EmitWithAckAsync{T}(string, object[])"/>
    public Task<T?> EmitWithAckAsync<T>(string eventName, params object?[] values) => Emitter.EmitWithAckAsync<T>(eventName, values);

    /// <inheritdoc cref="SocketEmitter.EmitWithAckAsync(string, object[])"/>
    public Task<IReadOnlyList<EventValue>> EmitWithAckAsync(string eventName, params object?[] values) => Emitter.EmitWithAckAsync(eventName, values);

    /// <inheritdoc/>
    void IAckSender.SendAck(ulong id, object?[] values) => Send(Namespace.EncodeAck(id, values), isVolatile: false, offset: null);

    /// <summary>Sends a packet, while it is connected.</summary>
    internal void Send(EncodedPacket packet, bool isVolatile, string? offset)
    {
        if (!IsConnected || TryHold(packet, isVolatile, offset))
            return;

        var isTaken = _connection.Session.Send(packet, isVolatile);
        Namespace.Metrics.Sent(isDropped: !isTaken);
    }
}
