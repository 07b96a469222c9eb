using System.Net;

namespace RawWs.Redis.Client;

/// <summary>A subscription of somebody's to a channel of a cluster: at each time to the server that has it, through the client for that server.</summary>
/// <remarks>
/// Thread-safe. Subscribers are told by the threads that read from several servers, one after the other: under a lock that is held while they are told, and which nothing takes that
/// they may call.
/// </remarks>
/// <param name="channel">The channel.</param>
/// <param name="subscriber">Who is told.</param>
/// <param name="reportStale">Is told that the channel may be elsewhere.</param>
/// <param name="remove">Forgets the subscription.</param>
internal sealed class ClusterSubscription(RedisChannel channel, RedisSubscriber subscriber, Action reportStale, Action<ClusterSubscription> remove) : IRedisSubscription
{
    private readonly Lock _telling = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _confirmed = NewConfirmed();
    private Leg? _leg;
    private bool _isEnded;

    public RedisChannel Channel => channel;

    /// <inheritdoc/>
    public bool IsConfirmed { get; private set; }

    /// <inheritdoc/>
    public ValueTask WaitForConfirmationAsync(CancellationToken cancellationToken = default)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isEnded, this);
            return new(_confirmed.Task.WaitAsync(cancellationToken));
        }
    }

    /// <summary>The channel is at this server. Whoever was heard at another one is not heard any more.</summary>
    public void MoveTo(DnsEndPoint server, RedisClient client)
    {
        lock (_telling)
        {
            Leg leg;
            Leg? before;
            bool wasConfirmed;
            lock (_gate)
            {
                if (_isEnded || (_leg is { } current && current.Server.Equals(server)))
                    return;

                (before, wasConfirmed) = (_leg, IsConfirmed);
                _leg = leg = new Leg(this, server);
                Interrupt_NeedsLock();
            }

            if (wasConfirmed)
                subscriber.OnInterrupted();

            before?.End();
            leg.Begin(client);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Leg? leg;
        lock (_gate)
        {
            if (_isEnded)
                return default;

            (_isEnded, IsConfirmed, leg, _leg) = (true, false, _leg, null);
            _confirmed.TrySetException(new ObjectDisposedException(nameof(IRedisSubscription)));
            _ = _confirmed.Task.Exception; // Maybe nobody waits.
        }

        leg?.End();
        remove(this);
        return default;
    }

    private void OnConfirmed(Leg leg) => Tell(leg, static (subscription, told) =>
    {
        lock (subscription._gate)
        {
            subscription.IsConfirmed = true;
            if (!subscription._confirmed.TrySetResult())
                (subscription._confirmed = NewConfirmed()).SetResult();
        }

        told.OnConfirmed();
    });

    private void OnInterrupted(Leg leg)
    {
        Tell(leg, static (subscription, told) =>
        {
            lock (subscription._gate)
            {
                subscription.Interrupt_NeedsLock();
            }

            told.OnInterrupted();
        });
        reportStale();
    }

    private void OnGone(Leg leg)
    {
        lock (_gate)
        {
            if (_leg == leg)
                _leg = null;
        }

        reportStale();
    }

    // The server does not have the channel any more, or not yet; or it may not be subscribed to.
    private void OnRefused(Leg leg, RedisErrorException error)
    {
        lock (_gate)
        {
            if (_leg != leg)
                return;

            _leg = null;
            if (error.Code != "MOVED" && !error.IsPassing)
            {
                _confirmed.TrySetException(error);
                _ = _confirmed.Task.Exception; // Maybe nobody waits.
            }
        }

        leg.End();
        reportStale();
    }

    private void Tell(Leg leg, Action<ClusterSubscription, RedisSubscriber> tell)
    {
        lock (_telling)
        {
            lock (_gate)
            {
                if (_leg != leg)
                    return;
            }

            tell(this, subscriber);
        }
    }

    private void Interrupt_NeedsLock()
    {
        IsConfirmed = false;
        if (_confirmed.Task.IsCompleted)
            _confirmed = NewConfirmed();
    }

    private static TaskCompletionSource NewConfirmed() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The subscription at one server.</summary>
    private sealed class Leg(ClusterSubscription subscription, DnsEndPoint server) : RedisSubscriber
    {
        private readonly Lock _gate = new();
        private IRedisSubscription? _there;
        private bool _isEnded;

        public DnsEndPoint Server => server;

        public void Begin(RedisClient client)
        {
            try
            {
                lock (_gate)
                {
                    if (_isEnded)
                        return;

                    _there = client.Subscribe(subscription.Channel, this);
                }

                _ = WatchAsync();
            }
            catch (ObjectDisposedException)
            {
                // The server is not of the cluster any more.
                subscription.OnGone(this);
            }
        }

        public void End()
        {
            lock (_gate)
            {
                _isEnded = true;
            }

            // To unsubscribe waits for nothing.
            _ = _there?.DisposeAsync().AsTask();
        }

        public override void OnConfirmed() => subscription.OnConfirmed(this);

        public override void OnInterrupted()
        {
            subscription.OnInterrupted(this);
            _ = WatchAsync();
        }

        public override void OnMessage(RedisMessage message) => subscription.Tell(this, (_, told) => told.OnMessage(message));

        private async Task WatchAsync()
        {
            try
            {
                await _there!.WaitForConfirmationAsync().ConfigureAwait(false); // It has begun.
            }
            catch (ObjectDisposedException)
            {
                // It has ended.
            }
            catch (RedisErrorException error)
            {
                subscription.OnRefused(this, error);
            }
        }
    }
}
