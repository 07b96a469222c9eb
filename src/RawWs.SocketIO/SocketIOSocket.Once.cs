namespace RawWs.SocketIO;

// Handlers for one event and no more.
public sealed partial class SocketIOSocket
{
    /// <summary>Is called for the next event of this name, as it came, and not again. Nothing is answered but by <see cref="SocketEvent.Acknowledge"/>.</summary>
    /// <param name="eventName">The event's name.</param>
    /// <param name="handler">Its values are what <see cref="SocketEvent.Get{T}"/> gives.</param>
    /// <returns>Removes the handler when it is disposed.</returns>
    /// <exception cref="ArgumentException">The name is reserved.</exception>
    public IDisposable Once(string eventName, Func<SocketEvent, Task> handler)
    {
        ThrowUnlessUsable(eventName, handler);
        return _handlers.AddOnce(eventName, handler);
    }

    /// <inheritdoc cref="Once(string, Func{SocketEvent, Task})"/>
    public IDisposable Once(string eventName, Action<SocketEvent> handler)
    {
        ThrowUnlessUsable(eventName, handler);
        return _handlers.AddOnce(eventName, received =>
        {
            handler(received);
            return Task.CompletedTask;
        });
    }
}
