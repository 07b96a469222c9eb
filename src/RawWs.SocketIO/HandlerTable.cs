namespace RawWs.SocketIO;

/// <summary>The handlers of events, by their names. Thread-safe; who is being called is called, whatever is removed meanwhile.</summary>
internal sealed class HandlerTable
{
    // Replaced as a whole. Each socket has a table of its own: a few names in a row are found as fast as in a dictionary, and take a fraction of its memory.
    private Subscription[] _subscriptions = [];

    /// <summary>The handlers of an event at this moment, in the order in which they were added.</summary>
    public Found Find(string eventName) => new(Volatile.Read(ref _subscriptions), eventName);

    /// <summary>Adds a handler.</summary>
    /// <returns>Removes it when it is disposed.</returns>
    public IDisposable Add(string eventName, Func<SocketEvent, Task> handler) => Add(eventName, handler, static (handler, received) => handler(received));

    /// <summary>Adds a handler of any form.</summary>
    /// <param name="eventName">The event's name.</param>
    /// <param name="handler">The application's.</param>
    /// <param name="invoke">Calls it. One for all handlers of this form, so that it captures nothing.</param>
    /// <returns>Removes it when it is disposed.</returns>
    public IDisposable Add<THandler>(string eventName, THandler handler, Func<THandler, SocketEvent, Task> invoke)
        where THandler : Delegate
        => Add(new Subscription<THandler>(this, eventName, handler, invoke));

    /// <summary>Adds a handler that is called once.</summary>
    /// <returns>Removes it when it is disposed.</returns>
    public IDisposable AddOnce(string eventName, Func<SocketEvent, Task> handler)
    {
        IDisposable? once = null;
        var isCalled = 0;
        Func<SocketEvent, Task> first = received =>
        {
            if (Interlocked.Exchange(ref isCalled, 1) != 0)
                return Task.CompletedTask;

            once!.Dispose(); // It is there before anybody can call it.
            return handler(received);
        };
        var subscription = new Subscription<Func<SocketEvent, Task>>(this, eventName, first, static (handler, received) => handler(received));
        once = subscription;
        return Add(subscription);
    }

    /// <summary>Removes all handlers of an event.</summary>
    public void Remove(string eventName) => RemoveWhere(subscription => subscription.EventName == eventName);

    /// <summary>Removes all handlers.</summary>
    public void Clear() => Volatile.Write(ref _subscriptions, []);

    private Subscription Add(Subscription subscription)
    {
        Subscription[] before;
        do
            before = Volatile.Read(ref _subscriptions);
        while (Interlocked.CompareExchange(ref _subscriptions, [.. before, subscription], before) != before);

        return subscription;
    }

    private void RemoveWhere(Func<Subscription, bool> isMeant)
    {
        Subscription[] before;
        do
            before = Volatile.Read(ref _subscriptions);
        while (Interlocked.CompareExchange(ref _subscriptions, [.. before.Where(subscription => !isMeant(subscription))], before) != before);
    }

    /// <summary>The handlers of one event at one moment.</summary>
    internal struct Found(Subscription[] subscriptions, string eventName)
    {
        private int _index = -1;

        public readonly Subscription Current => subscriptions[_index];

        public readonly Found GetEnumerator() => this;

        public bool MoveNext()
        {
            while (++_index < subscriptions.Length)
            {
                if (subscriptions[_index].EventName == eventName)
                    return true;
            }

            return false;
        }
    }

    /// <summary>One handler.</summary>
    internal abstract class Subscription(HandlerTable table, string eventName) : IDisposable
    {
        public string EventName => eventName;

        public abstract Task InvokeAsync(SocketEvent received);

        public void Dispose() => table.RemoveWhere(other => other == this);
    }

    private sealed class Subscription<THandler>(HandlerTable table, string eventName, THandler handler, Func<THandler, SocketEvent, Task> invoke)
        : Subscription(table, eventName)
        where THandler : Delegate
    {
        public override Task InvokeAsync(SocketEvent received) => invoke(handler, received);
    }
}
