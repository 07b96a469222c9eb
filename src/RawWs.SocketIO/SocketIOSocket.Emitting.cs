using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO;

// What is sent: to the client, and to others beside it.
public sealed partial class SocketIOSocket
{
    /// <summary>Everybody else in the namespace.</summary>
    public BroadcastOperator Broadcast => new BroadcastOperator(Namespace).Except(Id);

    /// <summary>The members of rooms, but not this socket.</summary>
    public BroadcastOperator To(params IReadOnlyCollection<string> rooms) => Broadcast.To(rooms);

    /// <inheritdoc cref="To"/>
    public BroadcastOperator In(params IReadOnlyCollection<string> rooms) => To(rooms);

    /// <summary>Everybody but this socket and the members of rooms.</summary>
    public BroadcastOperator Except(params IReadOnlyCollection<string> rooms) => Broadcast.Except(rooms);

    /// <summary>Sends an event. After the socket was disconnected nothing happens.</summary>
    /// <inheritdoc cref="BroadcastOperator.EmitAsync"/>
    public Task EmitAsync(string eventName, params object?[] values)
    {
        Send(Namespace.Encode(eventName, values), isVolatile: false);
        return Task.CompletedTask;
    }

    /// <summary>Sends an event that is dropped if the connection can't take it at once.</summary>
    /// <inheritdoc cref="BroadcastOperator.EmitAsync"/>
    public Task EmitVolatileAsync(string eventName, params object?[] values)
    {
        Send(Namespace.Encode(eventName, values), isVolatile: true);
        return Task.CompletedTask;
    }

    /// <summary>Sends an event, and waits for the answer for <see cref="SocketIOServerOptions.AckTimeout"/>.</summary>
    /// <inheritdoc cref="EmitWithAckAsync{T}(TimeSpan, string, object[])"/>
    public Task<T?> EmitWithAckAsync<T>(string eventName, params object?[] values) => EmitWithAckAsync<T>(Namespace.Options.AckTimeout, eventName, values);

    /// <summary>Sends an event, and waits for the answer.</summary>
    /// <typeparam name="T">What the first value of the answer is.</typeparam>
    /// <param name="timeout">For how long.</param>
    /// <param name="eventName">The name.</param>
    /// <param name="values">As for <see cref="EmitAsync"/>.</param>
    /// <returns>The first value of the answer; the default if it has none.</returns>
    /// <exception cref="ArgumentException">The name is reserved.</exception>
    /// <exception cref="EventValueException">The answer is no <typeparamref name="T"/>.</exception>
    /// <exception cref="InvalidOperationException">Too many answers are waited for.</exception>
    /// <exception cref="SocketDisconnectedException">The socket has been disconnected.</exception>
    /// <exception cref="TimeoutException">No answer came in time.</exception>
    public async Task<T?> EmitWithAckAsync<T>(TimeSpan timeout, string eventName, params object?[] values)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        var id = Namespace.NextAckId();
        var packet = Namespace.Encode(eventName, values, id);
        var answer = new TaskCompletionSource<Packet?>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!PendingAcks.TryAdd(id, answer.SetResult))
            throw new SocketDisconnectedException();

        try
        {
            Send(packet, isVolatile: false);
            return Namespace.FirstValueOf<T>(
                await answer.Task.WaitAsync(timeout, Namespace.Options.TimeProvider).ConfigureAwait(false) ?? throw new SocketDisconnectedException());
        }
        finally
        {
            PendingAcks.Forget(id);
        }
    }
}
