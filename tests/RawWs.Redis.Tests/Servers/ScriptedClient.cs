namespace RawWs.Redis.Tests.Servers;

/// <summary>A client without Redis: it answers what a test makes of it, and passes on what the test says. Subscriptions are confirmed at once, and what is published comes back to them.</summary>
/// <remarks>Thread-safe. Whoever is told something is told by the thread that says it.</remarks>
/// <param name="answer">Makes the answer to a command that publishes nothing.</param>
internal sealed class ScriptedClient(Func<RedisCommand, RespValue> answer) : IRedisClient
{
    private readonly Lock _gate = new();
    private readonly List<Subscription> _subscriptions = [];

    public bool IsConnected { get; set; } = true;

    /// <summary>What was published, with its channel, in this order.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<RedisMessage> Published { get; } = new();

    /// <summary>How many subscriptions there are.</summary>
    public int SubscriptionCount => Subscriptions.Length;

    /// <summary>What happens when somebody has subscribed.</summary>
    public Action OnSubscribed { get; set; } = static () => { };

    /// <summary>Whether what is published comes back.</summary>
    public bool HearsItself { get; set; } = true;

    /// <summary>Until this is over nobody is answered, like by a Redis that stands still.</summary>
    public Task Standstill { get; set; } = Task.CompletedTask;

    /// <summary>What happens before whoever publishes is answered.</summary>
    public Func<RedisMessage, Task> OnPublishedAsync { get; set; } = static _ => Task.CompletedTask;

    public async ValueTask<RespValue> ExecuteAsync(RedisCommand command, CancellationToken cancellationToken = default)
    {
        if (!command.Name.EndsWith("PUBLISH", StringComparison.Ordinal))
        {
            await Standstill.WaitAsync(cancellationToken);
            return answer(command);
        }

        var message = new RedisMessage(System.Text.Encoding.UTF8.GetString(command.Arguments[0].Span), command.Arguments[1]);
        Published.Enqueue(message);
        if (HearsItself)
            Say(message);

        await OnPublishedAsync(message);
        await Standstill.WaitAsync(cancellationToken);
        return RespValue.FromInteger(1);
    }

    public IRedisSubscription Subscribe(RedisChannel channel, RedisSubscriber subscriber)
    {
        var subscription = new Subscription(this, channel, subscriber);
        lock (_gate)
        {
            _subscriptions.Add(subscription);
        }

        subscriber.OnConfirmed();
        OnSubscribed();
        return subscription;
    }

    /// <summary>Something comes from Redis.</summary>
    public void Say(RedisMessage message)
    {
        foreach (var subscription in Subscriptions.Where(subscription => subscription.Channel.Name == message.Channel))
            subscription.Subscriber.OnMessage(message);
    }

    /// <summary>The connection for messages is lost, and there again.</summary>
    public void Interrupt()
    {
        foreach (var subscription in Subscriptions)
            subscription.Subscriber.OnInterrupted();

        foreach (var subscription in Subscriptions)
            subscription.Subscriber.OnConfirmed();
    }

    public ValueTask DisposeAsync() => default;

    private Subscription[] Subscriptions
    {
        get
        {
            lock (_gate)
            {
                return [.. _subscriptions];
            }
        }
    }

    private sealed class Subscription(ScriptedClient client, RedisChannel channel, RedisSubscriber subscriber) : IRedisSubscription
    {
        public RedisChannel Channel => channel;

        public RedisSubscriber Subscriber => subscriber;

        public bool IsConfirmed => true;

        public ValueTask WaitForConfirmationAsync(CancellationToken cancellationToken = default) => default;

        public ValueTask DisposeAsync()
        {
            lock (client._gate)
            {
                client._subscriptions.Remove(this);
            }

            return default;
        }
    }
}
