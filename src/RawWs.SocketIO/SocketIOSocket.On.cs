namespace RawWs.SocketIO;

// Typed handlers, with up to four values. What a handler returns is the answer, if the client waits for one; if it returns nothing, the answer has no values.
public sealed partial class SocketIOSocket
{
    /// <summary>Is called for an event as it came. Nothing is answered but by <see cref="SocketEvent.Acknowledge"/>.</summary>
    /// <param name="eventName">The event's name.</param>
    /// <param name="handler">Called for one event after the other.</param>
    /// <returns>Removes the handler when it is disposed.</returns>
    /// <exception cref="ArgumentException">The name is reserved.</exception>
    public IDisposable On(string eventName, Func<SocketEvent, Task> handler)
        => Subscribe(eventName, handler, static (handler, received) => handler(received));

    /// <inheritdoc cref="On(string, Func{SocketEvent, Task})"/>
    public IDisposable On(string eventName, Action<SocketEvent> handler)
        => Subscribe(eventName, handler, static (handler, received) =>
        {
            handler(received);
            return Task.CompletedTask;
        });

    /// <summary>
    /// Is called for an event, its first values as what the handler takes: whatever System.Text.Json reads, and bytes for binary ones. Values that are missing or
    /// something else go to <see cref="OnError"/>, and the handler is not called. When it is done, a client that waits for an answer gets what it returned.
    /// </summary>
    /// <param name="eventName">The event's name.</param>
    /// <param name="handler">Called for one event after the other, in their order; the next waits until its task completes.</param>
    /// <returns>Removes the handler when it is disposed.</returns>
    /// <exception cref="ArgumentException">The name is reserved.</exception>
    public IDisposable On(string eventName, Action handler)
        => Subscribe(eventName, handler, static (handler, received) =>
        {
            handler();
            received.Acknowledge();
            return Task.CompletedTask;
        });

    /// <inheritdoc cref="On(string, Action)"/>
    public IDisposable On(string eventName, Func<Task> handler)
        => Subscribe(eventName, handler, static async (handler, received) =>
        {
            await handler().ConfigureAwait(false);
            received.Acknowledge();
        });

    /// <inheritdoc cref="On(string, Action)"/>
    public IDisposable On<TResult>(string eventName, Func<TResult> handler)
        => Subscribe(eventName, handler, static (handler, received) =>
        {
            received.Acknowledge([handler()]);
            return Task.CompletedTask;
        });

    /// <inheritdoc cref="On(string, Action)"/>
    public IDisposable On<TResult>(string eventName, Func<Task<TResult>> handler)
        => Subscribe(eventName, handler, static async (handler, received) => received.Acknowledge([await handler().ConfigureAwait(false)]));

    /// <inheritdoc cref="On(string, Action)"/>
    public IDisposable On<T>(string eventName, Action<T> handler)
        => Subscribe(eventName, handler, static (handler, received) =>
        {
            handler(received.Get<T>(0));
            received.Acknowledge();
            return Task.CompletedTask;
        });

    /// <inheritdoc cref="On(string, Action)"/>
    public IDisposable On<T>(string eventName, Func<T, Task> handler)
        => Subscribe(eventName, handler, static async (handler, received) =>
        {
            await handler(received.Get<T>(0)).ConfigureAwait(false);
            received.Acknowledge();
        });

    /// <inheritdoc cref="On(string, Action)"/>
    public IDisposable On<T, TResult>(string eventName, Func<T, TResult> handler)
        => Subscribe(eventName, handler, static (handler, received) =>
        {
            received.Acknowledge([handler(received.Get<T>(0))]);
            return Task.CompletedTask;
        });

    /// <inheritdoc cref="On(string, Action)"/>
    public IDisposable On<T, TResult>(string eventName, Func<T, Task<TResult>> handler)
        => Subscribe(eventName, handler, static async (handler, received) => received.Acknowledge([await handler(received.Get<T>(0)).ConfigureAwait(false)]));

    /// <inheritdoc cref="On(string, Action)"/>
    public IDisposable On<T1, T2>(string eventName, Action<T1, T2> handler)
        => Subscribe(eventName, handler, static (handler, received) =>
        {
            handler(received.Get<T1>(0), received.Get<T2>(1));
            received.Acknowledge();
            return Task.CompletedTask;
        });

    /// <inheritdoc cref="On(string, Action)"/>
    public IDisposable On<T1, T2>(string eventName, Func<T1, T2, Task> handler)
        => Subscribe(eventName, handler, static async (handler, received) =>
        {
            await handler(received.Get<T1>(0), received.Get<T2>(1)).ConfigureAwait(false);
            received.Acknowledge();
        });

    /// <inheritdoc cref="On(string, Action)"/>
    public IDisposable On<T1, T2, TResult>(string eventName, Func<T1, T2, TResult> handler)
        => Subscribe(eventName, handler, static (handler, received) =>
        {
            received.Acknowledge([handler(received.Get<T1>(0), received.Get<T2>(1))]);
            return Task.CompletedTask;
        });

    /// <inheritdoc cref="On(string, Action)"/>
    public IDisposable On<T1, T2, TResult>(string eventName, Func<T1, T2, Task<TResult>> handler)
        => Subscribe(eventName, handler, static async (handler, received) => received.Acknowledge([await handler(received.Get<T1>(0), received.Get<T2>(1)).ConfigureAwait(false)]));

    /// <inheritdoc cref="On(string, Action)"/>
    public IDisposable On<T1, T2, T3>(string eventName, Action<T1, T2, T3> handler)
        => Subscribe(eventName, handler, static (handler, received) =>
        {
            handler(received.Get<T1>(0), received.Get<T2>(1), received.Get<T3>(2));
            received.Acknowledge();
            return Task.CompletedTask;
        });

    /// <inheritdoc cref="On(string, Action)"/>
    public IDisposable On<T1, T2, T3>(string eventName, Func<T1, T2, T3, Task> handler)
        => Subscribe(eventName, handler, static async (handler, received) =>
        {
            await handler(received.Get<T1>(0), received.Get<T2>(1), received.Get<T3>(2)).ConfigureAwait(false);
            received.Acknowledge();
        });

    /// <inheritdoc cref="On(string, Action)"/>
    public IDisposable On<T1, T2, T3, TResult>(string eventName, Func<T1, T2, T3, TResult> handler)
        => Subscribe(eventName, handler, static (handler, received) =>
        {
            received.Acknowledge([handler(received.Get<T1>(0), received.Get<T2>(1), received.Get<T3>(2))]);
            return Task.CompletedTask;
        });

    /// <inheritdoc cref="On(string, Action)"/>
    public IDisposable On<T1, T2, T3, TResult>(string eventName, Func<T1, T2, T3, Task<TResult>> handler)
        => Subscribe(eventName, handler, static async (handler, received) => received.Acknowledge([await handler(received.Get<T1>(0), received.Get<T2>(1), received.Get<T3>(2)).ConfigureAwait(false)]));

    /// <inheritdoc cref="On(string, Action)"/>
    public IDisposable On<T1, T2, T3, T4>(string eventName, Action<T1, T2, T3, T4> handler)
        => Subscribe(eventName, handler, static (handler, received) =>
        {
            handler(received.Get<T1>(0), received.Get<T2>(1), received.Get<T3>(2), received.Get<T4>(3));
            received.Acknowledge();
            return Task.CompletedTask;
        });

    /// <inheritdoc cref="On(string, Action)"/>
    public IDisposable On<T1, T2, T3, T4>(string eventName, Func<T1, T2, T3, T4, Task> handler)
        => Subscribe(eventName, handler, static async (handler, received) =>
        {
            await handler(received.Get<T1>(0), received.Get<T2>(1), received.Get<T3>(2), received.Get<T4>(3)).ConfigureAwait(false);
            received.Acknowledge();
        });

    /// <inheritdoc cref="On(string, Action)"/>
    public IDisposable On<T1, T2, T3, T4, TResult>(string eventName, Func<T1, T2, T3, T4, TResult> handler)
        => Subscribe(eventName, handler, static (handler, received) =>
        {
            received.Acknowledge([handler(received.Get<T1>(0), received.Get<T2>(1), received.Get<T3>(2), received.Get<T4>(3))]);
            return Task.CompletedTask;
        });

    /// <inheritdoc cref="On(string, Action)"/>
    public IDisposable On<T1, T2, T3, T4, TResult>(string eventName, Func<T1, T2, T3, T4, Task<TResult>> handler)
        => Subscribe(eventName, handler, static async (handler, received) => received.Acknowledge([await handler(received.Get<T1>(0), received.Get<T2>(1), received.Get<T3>(2), received.Get<T4>(3)).ConfigureAwait(false)]));

    // What calls a handler captures nothing, so that a handler costs little in each of very many sockets.
    private IDisposable Subscribe<THandler>(string eventName, THandler handler, Func<THandler, SocketEvent, Task> invoke)
        where THandler : Delegate
    {
        ThrowUnlessUsable(eventName, handler);
        return _handlers.Add(eventName, handler, invoke);
    }
}
