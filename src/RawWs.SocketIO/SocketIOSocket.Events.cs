using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO;

// What is received: middlewares, handlers, and what becomes of their failures.
public sealed partial class SocketIOSocket
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Func<SocketEvent, Task>[]> _handlers = new(StringComparer.Ordinal);
    private Func<SocketEvent, Task>[] _anyHandlers = [];
    private Func<SocketEvent, Task>[] _middlewares = [];
    private Func<DisconnectReason, Task>[] _disconnecting = [];
    private Func<DisconnectReason, Task>[] _disconnected = [];
    private Action<Exception>[] _errorHandlers = [];

    /// <summary>Is called for every event, before its own handlers.</summary>
    public void OnAny(Func<SocketEvent, Task> handler) => Add(ref _anyHandlers, handler);

    /// <summary>
    /// Is called for every event between <see cref="OnAny"/> and its own handlers. If it throws, the event is dropped, and the exception goes to <see cref="OnError"/>.
    /// </summary>
    public void Use(Func<SocketEvent, Task> middleware) => Add(ref _middlewares, middleware);

    /// <summary>Is called when the socket has been disconnected, while <see cref="Rooms"/> still says where it was.</summary>
    public void OnDisconnecting(Func<DisconnectReason, Task> handler) => Add(ref _disconnecting, handler);

    /// <summary>Is called when the socket has been disconnected, at last.</summary>
    public void OnDisconnect(Func<DisconnectReason, Task> handler) => Add(ref _disconnected, handler);

    /// <summary>Is called when the socket has been disconnected, at last.</summary>
    public void OnDisconnect(Action<DisconnectReason> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        OnDisconnect(reason =>
        {
            handler(reason);
            return Task.CompletedTask;
        });
    }

    /// <summary>
    /// Is told what handlers and middlewares throw, and what is wrong with what the client sent. Whatever it is, nobody else is harmed. Without a handler, what the
    /// application's code throws is logged as an error.
    /// </summary>
    public void OnError(Action<Exception> handler) => Add(ref _errorHandlers, handler);

    /// <summary>Has an event dispatched in its turn.</summary>
    /// <returns>When there is room for another one.</returns>
    internal Task ReceiveAsync(Packet packet)
    {
        var received = new SocketEvent(this, packet);
        return _events.PostAsync(() => DispatchAsync(received));
    }

    /// <summary>Tells the application that something is wrong.</summary>
    internal void ReportError(Exception error)
    {
        if (error is PacketException or EventValueException)
            Namespace.Log.EventRefused(IdForLog, Namespace.Name, error.Message);
        else if (_errorHandlers.Length == 0)
            Namespace.Log.HandlerFailed(IdForLog, Namespace.Name, error);

        try
        {
            foreach (var handler in Volatile.Read(ref _errorHandlers))
                handler(error);
        }
        catch (Exception another)
        {
            // The end of the line for the application's code.
            Namespace.Log.HandlerFailed(IdForLog, Namespace.Name, another);
        }
    }

    private void Add<T>(ref T[] handlers, T handler)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(handler);
        lock (_gate)
        {
            Volatile.Write(ref handlers, [.. handlers, handler]);
        }
    }

    private void Add(string eventName, Func<SocketEvent, Task> handler)
    {
        ArgumentNullException.ThrowIfNull(eventName);
        if (ReservedNames.Contains(eventName))
            throw new ArgumentException($"\"{eventName}\" is a reserved event name: no client sends it.", nameof(eventName));

        lock (_gate)
        {
            _handlers[eventName] = [.. _handlers.GetValueOrDefault(eventName) ?? [], handler];
        }
    }

    private async Task RunConnectionHandlersAsync()
    {
        foreach (var handler in Namespace.Handlers)
            await RunAsync(handler, this).ConfigureAwait(false);
    }

    private async Task RunDisconnectHandlersAsync(DisconnectReason reason)
    {
        // Whoever broke the connection is in the midst of something else.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        foreach (var handler in Volatile.Read(ref _disconnecting))
            await RunAsync(handler, reason).ConfigureAwait(false);

        Namespace.Rooms.Forget(this);
        foreach (var handler in Volatile.Read(ref _disconnected))
            await RunAsync(handler, reason).ConfigureAwait(false);
    }

    private async Task DispatchAsync(SocketEvent received)
    {
        if (!IsConnected)
            return;

        foreach (var handler in Volatile.Read(ref _anyHandlers))
            await RunAsync(handler, received).ConfigureAwait(false);

        foreach (var middleware in Volatile.Read(ref _middlewares))
        {
            if (!await RunAsync(middleware, received).ConfigureAwait(false))
                return;
        }

        Func<SocketEvent, Task>[]? handlers;
        lock (_gate)
        {
            handlers = _handlers.GetValueOrDefault(received.Name);
        }

        foreach (var handler in handlers ?? [])
            await RunAsync(handler, received).ConfigureAwait(false);
    }

    private async Task<bool> RunAsync<T>(Func<T, Task> handler, T argument)
    {
        try
        {
            await handler(argument).ConfigureAwait(false);
            return true;
        }
        catch (Exception error)
        {
            // The top of the application's code for this event.
            ReportError(error);
            return false;
        }
    }
}
