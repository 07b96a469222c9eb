using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO;

// What is received: middlewares, handlers, and what becomes of their failures.
public sealed partial class SocketIOSocket
{
    private readonly HandlerTable _handlers = new();

    // Each is made for its first handler: most sockets have few of them, or none.
    private HandlerList<Func<SocketEvent, Task>>? _anyHandlers;
    private HandlerList<Func<SocketEvent, Task>>? _middlewares;
    private HandlerList<Func<DisconnectReason, Task>>? _disconnecting;
    private HandlerList<Func<DisconnectReason, Task>>? _disconnected;
    private HandlerList<Action<Exception>>? _errorHandlers;
    private HandlerList<Action<SocketIOPacket>>? _outgoingHandlers;

    // Whether nothing that its client has said is dispatched any more.
    private bool _isOver;

    /// <summary>Is called for every event, before its own handlers.</summary>
    /// <returns>Removes the handler when it is disposed.</returns>
    public IDisposable OnAny(Func<SocketEvent, Task> handler) => Made(ref _anyHandlers).Add(handler);

    /// <summary>Is called for every event, before its own handlers and those that are there already.</summary>
    /// <returns>Removes the handler when it is disposed.</returns>
    public IDisposable PrependAny(Func<SocketEvent, Task> handler) => Made(ref _anyHandlers).Add(handler, isFirst: true);

    /// <summary>Removes all handlers of every event.</summary>
    public void OffAny() => _anyHandlers?.Clear();

    /// <summary>
    /// Is called for every event that is sent to the client, broadcasts too, and not for acks. On whatever thread sends it: it must not block, and must not throw; what it
    /// throws goes to <see cref="OnError"/>. Where connections are recovered, the last value of an event is its <see cref="SocketIOPacket.Offset"/>.
    /// </summary>
    /// <returns>Removes the handler when it is disposed.</returns>
    public IDisposable OnAnyOutgoing(Action<SocketIOPacket> handler) => AddOutgoing(handler, isFirst: false);

    /// <summary>The same as <see cref="OnAnyOutgoing"/>, before those that are there already.</summary>
    /// <returns>Removes the handler when it is disposed.</returns>
    public IDisposable PrependAnyOutgoing(Action<SocketIOPacket> handler) => AddOutgoing(handler, isFirst: true);

    /// <summary>Removes all handlers of what is sent.</summary>
    public void OffAnyOutgoing() => _outgoingHandlers?.Clear();

    /// <summary>Removes all handlers of an event.</summary>
    public void Off(string eventName)
    {
        ArgumentNullException.ThrowIfNull(eventName);
        _handlers.Remove(eventName);
    }

    /// <summary>Removes the handlers of all events by name; those of every event stay.</summary>
    public void Off() => _handlers.Clear();

    /// <summary>
    /// Is called for every event between <see cref="OnAny"/> and its own handlers. If it throws, the event is dropped, and the exception goes to <see cref="OnError"/>.
    /// </summary>
    /// <returns>Removes the middleware when it is disposed.</returns>
    public IDisposable Use(Func<SocketEvent, Task> middleware) => Made(ref _middlewares).Add(middleware);

    /// <summary>Is called when the socket has been disconnected, behind what its client said before, while <see cref="Rooms"/> still says where it was.</summary>
    /// <returns>Removes the handler when it is disposed.</returns>
    public IDisposable OnDisconnecting(Func<DisconnectReason, Task> handler) => Made(ref _disconnecting).Add(handler);

    /// <summary>Is called when the socket has been disconnected, at last.</summary>
    /// <returns>Removes the handler when it is disposed.</returns>
    public IDisposable OnDisconnect(Func<DisconnectReason, Task> handler) => Made(ref _disconnected).Add(handler);

    /// <summary>Is called when the socket has been disconnected, at last.</summary>
    /// <returns>Removes the handler when it is disposed.</returns>
    public IDisposable OnDisconnect(Action<DisconnectReason> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return OnDisconnect(reason =>
        {
            handler(reason);
            return Task.CompletedTask;
        });
    }

    /// <summary>
    /// Is told what handlers and middlewares throw, and what is wrong with what the client sent. Whatever it is, nobody else is harmed. Without a handler, what the
    /// application's code throws is logged as an error.
    /// </summary>
    /// <returns>Removes the handler when it is disposed.</returns>
    public IDisposable OnError(Action<Exception> handler) => Made(ref _errorHandlers).Add(handler);

    /// <summary>Has an event dispatched in its turn.</summary>
    /// <returns>When there is room for another one.</returns>
    internal Task ReceiveAsync(Packet packet)
    {
        var received = new SocketEvent(this, packet);
        return _events.PostAsync(new(static (socket, received) => socket.DispatchAsync((SocketEvent)received), received, packet.Size));
    }

    /// <summary>Shows the application what has been sent.</summary>
    internal void NotifyOutgoing(SocketIOPacket packet)
    {
        foreach (var handler in _outgoingHandlers?.All ?? default)
        {
            try
            {
                handler(packet);
            }
            catch (Exception error)
            {
                // The top of the application's code for this packet.
                ReportError(error);
            }
        }
    }

    /// <summary>Tells the application that something is wrong.</summary>
    internal void ReportError(Exception error)
    {
        if (error is PacketException or EventValueException)
            Namespace.Log.EventRefused(IdForLog, Namespace.Name, error.Message);
        else if (_errorHandlers is not { IsEmpty: false })
            Namespace.Log.HandlerFailed(IdForLog, Namespace.Name, error);

        try
        {
            foreach (var handler in _errorHandlers?.All ?? default)
                handler(error);
        }
        catch (Exception another)
        {
            // The end of the line for the application's code.
            Namespace.Log.HandlerFailed(IdForLog, Namespace.Name, another);
        }
    }

    private IDisposable AddOutgoing(Action<SocketIOPacket> handler, bool isFirst)
    {
        Namespace.WatchOutgoing();
        return Made(ref _outgoingHandlers).Add(handler, isFirst);
    }

    private static HandlerList<T> Made<T>(ref HandlerList<T>? list)
        where T : Delegate
        => LazyInitializer.EnsureInitialized(ref list, static () => new());

    private static void ThrowUnlessUsable(string eventName, Delegate handler)
    {
        ArgumentNullException.ThrowIfNull(eventName);
        ArgumentNullException.ThrowIfNull(handler);
        if (ReservedNames.Contains(eventName))
            throw new ArgumentException($"\"{eventName}\" is a reserved event name: no client sends it.", nameof(eventName));
    }

    private async Task RunConnectionHandlersAsync(SocketIONamespace nsp)
    {
        if (_isOver)
            return;

        foreach (var handler in nsp.Handlers)
            await RunAsync(handler, this).ConfigureAwait(false);
    }

    private async Task RunDisconnectHandlersAsync(Ending ending)
    {
        var (reason, waitingSize) = ending;
        if (!_isOver)
            Namespace.Server.EndedSockets.Remove(waitingSize);

        _isOver = true;

        // Whoever broke the connection is in the midst of something else.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        foreach (var handler in _disconnecting?.All ?? default)
            await RunAsync(handler, reason).ConfigureAwait(false);

        // What they have kept with it goes with it.
        if (!Namespace.Adapter.SharesData)
            Persist(reason, Rooms);

        Namespace.Rooms.Forget(this);
        foreach (var handler in _disconnected?.All ?? default)
            await RunAsync(handler, reason).ConfigureAwait(false);
    }

    private async Task DispatchAsync(SocketEvent received)
    {
        if (_isOver)
            return;

        foreach (var handler in _anyHandlers?.All ?? default)
            await RunAsync(handler, received).ConfigureAwait(false);

        foreach (var middleware in _middlewares?.All ?? default)
        {
            if (!await RunAsync(middleware, received).ConfigureAwait(false))
                return;
        }

        foreach (var subscription in _handlers.Find(received.Name))
            await RunAsync(static (subscription, received) => subscription.InvokeAsync(received), subscription, received).ConfigureAwait(false);
    }

    private Task<bool> RunAsync<T>(Func<T, Task> handler, T argument) => RunAsync(static (handler, argument) => handler(argument), handler, argument);

    private async Task<bool> RunAsync<THandler, T>(Func<THandler, T, Task> invoke, THandler handler, T argument)
    {
        try
        {
            await invoke(handler, argument).ConfigureAwait(false);
            return true;
        }
        catch (Exception error)
        {
            // The top of the application's code for this event.
            ReportError(error);
            return false;
        }
    }

    /// <summary>The end of a socket.</summary>
    /// <param name="Reason">Why.</param>
    /// <param name="WaitingSize">Bytes that its client had said before, and waited.</param>
    private sealed record Ending(DisconnectReason Reason, long WaitingSize);
}
