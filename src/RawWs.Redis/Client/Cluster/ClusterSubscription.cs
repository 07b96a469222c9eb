namespace RawWs.Redis.Client;

/// <summary>A subscription of somebody's to a channel of a cluster: at each time to the server that has it, through the client for that server.</summary>
/// <remarks>
/// Thread-safe. Subscribers are told by the threads that read from several servers, one after the other: under a lock that is held while they are told, and which nothing takes that
/// they may call.
/// </remarks>
/// <param name="channel">The channel.</param>
/// <param name="slot">Its slot.</param>
/// <param name="subscriber">Who is told.</param>
/// <param name="reportStale">Is told that the channel may be elsewhere.</param>
/// <param name="reportFailure">Is told what a subscriber throws.</param>
/// <param name="remove">Forgets the subscription.</param>
internal sealed class ClusterSubscription(
    RedisChannel channel, int slot, RedisSubscriber subscriber, Action reportStale, Action<RedisChannel, Exception> reportFailure, Action<ClusterSubscription> remove) : IRedisSubscription
{
    private readonly Lock _telling = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _confirmed = NewConfirmed();
    private ClusterLeg? _leg;
    private bool _isSentAway;
    private bool _isEnded;

    public RedisChannel Channel => channel;

    public int Slot => slot;

    /// <inheritdoc/>
    public bool IsConfirmed { get; private set; }

    /// <summary>Whether the server is known that has the channel, as far as it has not said otherwise. It may have refused the subscription for good, or not answered yet.</summary>
    public bool IsPlaced
    {
        get
        {
            lock (_gate)
            {
                return _leg is not null && !_isSentAway;
            }
        }
    }

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
    /// <param name="client">The client for the server; null if nobody has the channel.</param>
    public void MoveTo(RedisClient? client)
    {
        lock (_telling)
        {
            ClusterLeg? before, leg;
            bool wasConfirmed;
            lock (_gate)
            {
                if (_isEnded || _leg?.Client == client)
                    return;

                (before, wasConfirmed) = (_leg, IsConfirmed);
                _leg = leg = client is null ? null : new ClusterLeg(this, client);
                Interrupt_NeedsLock();
            }

            before?.End();
            if (wasConfirmed)
                TellOfInterruption();

            leg?.Begin();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        ClusterLeg? leg;
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

    /// <summary>The channel may be elsewhere.</summary>
    public void ReportStale() => reportStale();

    /// <summary>A server has confirmed it.</summary>
    public void OnConfirmed(ClusterLeg leg) => Tell(leg, static (subscription, told) =>
    {
        lock (subscription._gate)
        {
            if (subscription._isEnded)
                return;

            (subscription.IsConfirmed, subscription._isSentAway) = (true, false);
            if (!subscription._confirmed.TrySetResult())
                (subscription._confirmed = NewConfirmed()).SetResult();
        }

        told.OnConfirmed();
    });

    /// <summary>A server is lost, or has taken it away.</summary>
    public void OnInterrupted(ClusterLeg leg)
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

    /// <summary>A server has published something.</summary>
    public void OnMessage(ClusterLeg leg, RedisMessage message) => Tell(leg, (_, told) => told.OnMessage(message));

    /// <summary>A server does not have the channel any more, or not yet; or it may not be subscribed to, and is asked for again there.</summary>
    /// <returns>Whether it is looked for elsewhere.</returns>
    public bool TryTakeRefusal(ClusterLeg leg, RedisErrorException error)
    {
        var isElsewhere = error.Code == "MOVED" || error.IsPassing;
        lock (_gate)
        {
            if (_leg != leg)
                return true;

            // Until it is found: wherever it is looked for next may send it away as well.
            _isSentAway = isElsewhere;
            if (isElsewhere)
            {
                _leg = null;
                Interrupt_NeedsLock();
            }
            else
            {
                Refuse_NeedsLock(error);
            }
        }

        if (isElsewhere)
        {
            leg.End();
            reportStale();
        }

        return isElsewhere;
    }

    private void Tell(ClusterLeg leg, Action<ClusterSubscription, RedisSubscriber> tell)
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

    private void TellOfInterruption()
    {
        try
        {
            subscriber.OnInterrupted();
        }
        catch (Exception error)
        {
            // The top of somebody else's code.
            reportFailure(channel, error);
        }
    }

    private void Refuse_NeedsLock(RedisErrorException error)
    {
        // Whoever waits from now on is told what was said last.
        if (!_confirmed.TrySetException(error))
            (_confirmed = NewConfirmed()).SetException(error);

        _ = _confirmed.Task.Exception; // Maybe nobody waits.
    }

    private void Interrupt_NeedsLock()
    {
        IsConfirmed = false;
        if (_confirmed.Task.IsCompleted)
            _confirmed = NewConfirmed();
    }

    private static TaskCompletionSource NewConfirmed() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
