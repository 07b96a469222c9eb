using System.Text;
using Microsoft.Extensions.Logging;
using RawWs.Redis.Diagnostics;

namespace RawWs.Redis.Client;

/// <summary>All subscriptions of a client, and the connection that they are on.</summary>
/// <remarks>
/// Thread-safe. What subscribers are told comes from the link, one thing after the other, outside the lock. Each subscription sends a command of its own, so that each has its own confirmation;
/// Redis doesn't mind to be told twice. What Redis refuses is asked for again every <see cref="RedisOptions.MaxReconnectDelay"/>, until it is confirmed or nobody wants it any more.
/// </remarks>
internal sealed class SubscriptionTable : ILinkTenant
{
    private static readonly RedisCommand Ping = new("PING");

    private readonly RedisMetrics _metrics;
    private readonly ILogger _logger;
    private readonly Func<RespValue, RedisErrorException> _errorOf;
    private readonly RefusedSubscriptions _refused;
    private readonly LogPace _refusedPace;
    private readonly Dictionary<RedisChannel, List<RedisSubscription>> _channels = [];

    // Ends of subscriptions to sharded channels, until Redis has answered the PING behind each.
    private readonly Queue<LeaveReply> _leaving = [];
    private RedisConnection? _connection;

    /// <param name="options">The client's.</param>
    /// <param name="metrics">The client's.</param>
    /// <param name="logger">The client's.</param>
    /// <param name="errorOf">What an answer that is an error means.</param>
    public SubscriptionTable(RedisOptions options, RedisMetrics metrics, ILogger logger, Func<RespValue, RedisErrorException> errorOf)
    {
        (_metrics, _logger, _errorOf) = (metrics, logger, errorOf);
        _refused = new RefusedSubscriptions(options.TimeProvider, options.MaxReconnectDelay, AskAgain);
        _refusedPace = new LogPace(options.TimeProvider);
    }

    public Lock Gate { get; } = new();

    // A ping comes back behind all messages that wait for us.
    /// <inheritdoc/>
    public bool MayAnswerLate => true;

    public RedisSubscription Add(RedisChannel channel, RedisSubscriber subscriber)
    {
        // Confirmations and messages have the name as it was sent.
        channel = channel.AsSent;
        var subscription = new RedisSubscription(this, channel, subscriber);
        lock (Gate)
        {
            if (!_channels.TryGetValue(channel, out var subscriptions))
                _channels.Add(channel, subscriptions = []);

            subscriptions.Add(subscription);
            Subscribe_NeedsLock(subscription);
        }

        return subscription;
    }

    public void Remove(RedisSubscription subscription)
    {
        lock (Gate)
        {
            if (subscription.IsEnded)
                return;

            subscription.End_NeedsLock();
            _refused.Remove_NeedsLock(subscription);
            var subscriptions = _channels[subscription.Channel];
            subscriptions.Remove(subscription);
            if (subscriptions.Count > 0)
                return;

            // Under the lock, so that the order of the commands is the order in which somebody came and went.
            _channels.Remove(subscription.Channel);
            Unsubscribe_NeedsLock(subscription.Channel);
        }
    }

    /// <summary>Ends all.</summary>
    public void Clear()
    {
        lock (Gate)
        {
            foreach (var subscription in _channels.Values.SelectMany(subscriptions => subscriptions))
                subscription.End_NeedsLock();

            _channels.Clear();
            _refused.End_NeedsLock();
        }
    }

    /// <inheritdoc/>
    public void OnOpened(RedisConnection connection)
    {
        lock (Gate)
        {
            _connection = connection;
            foreach (var subscription in _channels.Values.SelectMany(subscriptions => subscriptions))
                Subscribe_NeedsLock(subscription);
        }
    }

    /// <inheritdoc/>
    public void OnLost()
    {
        List<RedisSubscription> interrupted = [];
        lock (Gate)
        {
            _connection = null;
            _leaving.Clear();

            // The next connection is told of all.
            _refused.Take_NeedsLock();
            foreach (var subscription in _channels.Values.SelectMany(subscriptions => subscriptions))
            {
                if (subscription.IsConfirmed)
                    interrupted.Add(subscription);

                subscription.Interrupt_NeedsLock();
            }
        }

        foreach (var subscription in interrupted)
            Tell(subscription, static subscriber => subscriber.OnInterrupted());
    }

    /// <inheritdoc/>
    public bool TryTake(RespValue value)
    {
        // RESP2 has arrays where RESP3 has push messages.
        if (value.Type is not (RespType.Push or RespType.Array))
            return false;

        switch (value.Items)
        {
            case [var kind, var channel, var payload] when kind.Is("message"u8):
                Deliver(RedisChannelKind.Channel, channel, channel, payload);
                return true;
            case [var kind, var channel, var payload] when kind.Is("smessage"u8):
                Deliver(RedisChannelKind.Shard, channel, channel, payload);
                return true;
            case [var kind, var pattern, var channel, var payload] when kind.Is("pmessage"u8):
                Deliver(RedisChannelKind.Pattern, pattern, channel, payload);
                return true;
            case [var kind, var channel, _] when kind.Is("sunsubscribe"u8):
                TakeAway(Encoding.UTF8.GetString(channel.Bytes.Span));
                return true;
            default:
                return false;
        }
    }

    // A server whose slot goes to another one ends the subscriptions to its channels, and says so as if it had been asked. Asked for again, it says who has them. What we have left ourselves
    // is not confirmed to anybody any more, nor again yet.
    private void TakeAway(string name)
    {
        RedisSubscription[] interrupted;
        lock (Gate)
        {
            // Answers come in order: if it is one, it is that to the first.
            if (_leaving.TryPeek(out var leaving) && leaving.Channel == name)
                leaving.Hear();

            if (!_channels.TryGetValue(new RedisChannel(name, RedisChannelKind.Shard), out var there))
                return;

            interrupted = [.. there.Where(static subscription => subscription.IsConfirmed)];
            foreach (var subscription in interrupted)
                subscription.Interrupt_NeedsLock();
        }

        foreach (var subscription in interrupted)
            Tell(subscription, static subscriber => subscriber.OnInterrupted());

        lock (Gate)
        {
            foreach (var subscription in interrupted)
            {
                if (!subscription.IsEnded)
                    Subscribe_NeedsLock(subscription);
            }
        }
    }

    private void Unsubscribe_NeedsLock(RedisChannel channel)
    {
        var command = new RedisCommand(channel.UnsubscribeCommand, channel.Name);
        if (channel.Kind != RedisChannelKind.Shard)
        {
            Send_NeedsLock((command, new SubscriptionReply(command.Name, channel, static _ => { })));
        }
        else if (_connection is not null)
        {
            var leaving = new LeaveReply(channel.Name);
            _leaving.Enqueue(leaving);
            Send_NeedsLock((command, leaving), (Ping, new LeaveEndReply(OnLeft)));
        }
    }

    private void OnLeft()
    {
        lock (Gate)
        {
            _leaving.Dequeue();
        }
    }

    private void Deliver(RedisChannelKind kind, RespValue subscribed, RespValue channel, RespValue payload)
    {
        RedisSubscription[] subscriptions;
        lock (Gate)
        {
            // Not there: somebody has unsubscribed, and Redis did not know yet.
            if (!_channels.TryGetValue(new RedisChannel(Encoding.UTF8.GetString(subscribed.Bytes.Span), kind), out var there))
                return;

            // Who is not confirmed yet has not begun to hear, whoever else is subscribed to the channel.
            subscriptions = [.. there.Where(static subscription => subscription.IsConfirmed)];
        }

        _metrics.MessageReceived();
        var message = new RedisMessage(Encoding.UTF8.GetString(channel.Bytes.Span), payload.Bytes);
        foreach (var subscription in subscriptions)
            Tell(subscription, subscriber => subscriber.OnMessage(message));
    }

    /// <param name="subscription">What is asked for.</param>
    /// <param name="isAgain">Whether it was refused before, on this connection.</param>
    private void Subscribe_NeedsLock(RedisSubscription subscription, bool isAgain = false)
    {
        var (command, channel) = (subscription.Channel.SubscribeCommand, subscription.Channel);
        Send_NeedsLock((new RedisCommand(command, channel.Name), new SubscriptionReply(command, channel, reply => OnAnswered(subscription, isAgain, reply))));
    }

    private void AskAgain()
    {
        lock (Gate)
        {
            foreach (var subscription in _refused.Take_NeedsLock())
                Subscribe_NeedsLock(subscription, isAgain: true);
        }
    }

    private void Send_NeedsLock(params ReadOnlySpan<(RedisCommand Command, PendingReply Reply)> commands)
    {
        try
        {
            // Not refused however many there are: the next connection would have to be told of all the same, and one that does not answer is left.
            _connection?.Send(commands, isBounded: false);
        }
        catch (RedisUnavailableException)
        {
            // It has just been lost: the next one will be told of all subscriptions there are.
        }
    }

    private void OnAnswered(RedisSubscription subscription, bool isAgain, RespValue reply)
    {
        if (reply.Type == RespType.Error)
        {
            Refuse(subscription, isAgain, _errorOf(reply));
            return;
        }

        lock (Gate)
        {
            if (subscription.IsEnded)
                return;

            subscription.Confirm_NeedsLock();
        }

        Tell(subscription, static subscriber => subscriber.OnConfirmed());
    }

    private void Refuse(RedisSubscription subscription, bool isAgain, RedisErrorException error)
    {
        RedisConnection? connection;
        lock (Gate)
        {
            if (subscription.IsEnded)
                return;

            connection = _connection;
        }

        if (subscription.Subscriber.TryTakeRefusal(error))
            return;

        if (error.IsPassing && !isAgain)
        {
            // It says so to all, whatever they subscribe to: all are asked for again on the next connection, and the link knows how long to wait.
            connection?.Abort(error);
            return;
        }

        lock (Gate)
        {
            if (subscription.IsEnded)
                return;

            // What is passing is waited for; the others on the connection have nothing to do with it, and what was refused before can wait.
            if (error.IsPassing)
                subscription.Interrupt_NeedsLock();
            else
                subscription.Refuse_NeedsLock(error);

            _refused.Add_NeedsLock(subscription);
        }

        if (_refusedPace.TrySay(out var count))
            RedisLog.SubscriptionRefused(_logger, subscription.Channel.Name, error.Message, count);
    }

    private void Tell(RedisSubscription subscription, Action<RedisSubscriber> tell)
    {
        try
        {
            if (!subscription.IsEnded)
                tell(subscription.Subscriber);
        }
        catch (Exception error)
        {
            // The top of somebody else's code.
            _metrics.SubscriberFailed();
            RedisLog.SubscriberFailed(_logger, subscription.Channel.Name, error);
        }
    }
}
