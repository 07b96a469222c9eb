namespace RawWs.SocketIO;

/// <summary>What other servers say to a namespace, and its handlers. Thread-safe.</summary>
internal sealed class ServerSideEvents(SocketIONamespace nsp)
{
    private readonly HandlerTable _handlers = new();

    /// <summary>Adds a handler.</summary>
    public IDisposable Add(string eventName, Func<SocketEvent, Task> handler) => _handlers.Add(eventName, handler);

    /// <summary>Calls the handlers one after the other. What they throw is logged.</summary>
    public async Task ReceiveAsync(string eventName, IReadOnlyList<EventValue> values, Action<EventValue?>? acknowledge)
    {
        ArgumentNullException.ThrowIfNull(eventName);
        ArgumentNullException.ThrowIfNull(values);
        var received = new SocketEvent(eventName, values, acknowledge is null ? null : new ServerSideAck(acknowledge, nsp.Json));
        foreach (var subscription in _handlers.Find(eventName))
        {
            try
            {
                await subscription.InvokeAsync(received).ConfigureAwait(false);
            }
            catch (Exception error)
            {
                // The top of the application's code for this event.
                nsp.Log.ServerSideHandlerFailed(nsp.Name, error);
            }
        }
    }
}
