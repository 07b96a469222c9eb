namespace RawWs.SocketIO;

/// <summary>The handlers of events, by their names. Thread-safe; who is being called is called, whatever is removed meanwhile.</summary>
internal sealed class HandlerTable
{
    private readonly Lock _gate = new();
    private Dictionary<string, Subscription[]>? _handlers;

    /// <summary>The handlers of an event, in the order in which they were added. The array is never changed.</summary>
    public Subscription[] Find(string eventName)
    {
        lock (_gate)
        {
            return _handlers?.GetValueOrDefault(eventName) ?? [];
        }
    }

    /// <summary>Adds a handler.</summary>
    /// <returns>Removes it when it is disposed.</returns>
    public IDisposable Add(string eventName, Func<SocketEvent, Task> handler) => Add(new Subscription(this, eventName, handler));

    /// <summary>Adds a handler that is called once.</summary>
    /// <returns>Removes it when it is disposed.</returns>
    public IDisposable AddOnce(string eventName, Func<SocketEvent, Task> handler)
    {
        Subscription? once = null;
        var isCalled = 0;
        once = new Subscription(this, eventName, received =>
        {
            if (Interlocked.Exchange(ref isCalled, 1) != 0)
                return Task.CompletedTask;

            once!.Dispose(); // It is there before anybody can call it.
            return handler(received);
        });
        return Add(once);
    }

    /// <summary>Removes all handlers of an event.</summary>
    public void Remove(string eventName)
    {
        lock (_gate)
        {
            _handlers?.Remove(eventName);
        }
    }

    /// <summary>Removes all handlers.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _handlers = null;
        }
    }

    private Subscription Add(Subscription subscription)
    {
        lock (_gate)
        {
            _handlers ??= new(StringComparer.Ordinal);
            _handlers[subscription.EventName] = [.. _handlers.GetValueOrDefault(subscription.EventName) ?? [], subscription];
        }

        return subscription;
    }

    private void Remove(Subscription subscription)
    {
        lock (_gate)
        {
            if (_handlers?.GetValueOrDefault(subscription.EventName) is not { } subscriptions)
                return;

            Subscription[] others = [.. subscriptions.Where(other => other != subscription)];
            if (others.Length == 0)
                _handlers.Remove(subscription.EventName);
            else
                _handlers[subscription.EventName] = others;
        }
    }

    /// <summary>One handler.</summary>
    internal sealed class Subscription(HandlerTable table, string eventName, Func<SocketEvent, Task> handler) : IDisposable
    {
        public string EventName => eventName;

        public Func<SocketEvent, Task> Handler => handler;

        public void Dispose() => table.Remove(this);
    }
}
