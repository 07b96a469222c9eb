using RawWs.Redis;
using StackExchange.Redis;

namespace MyApplication;

// What docs/scale-out.md shows begins here: DocumentationTests holds them together.
internal sealed class MultiplexerClient(IConnectionMultiplexer multiplexer) : IRedisClient
{
    public bool IsConnected => multiplexer.IsConnected;

    public async ValueTask<RespValue> ExecuteAsync(RedisCommand command, CancellationToken cancellationToken = default)
    {
        try
        {
            object[] arguments = [.. command.Arguments.Select(argument => (object)(RedisValue)argument)];
            return ValueOf(await multiplexer.GetDatabase().ExecuteAsync(command.Name, arguments).WaitAsync(cancellationToken));
        }
        catch (RedisServerException error)
        {
            throw new RedisErrorException(error.Message);
        }
        catch (Exception error) when (error is RedisConnectionException or RedisTimeoutException)
        {
            throw new RedisUnavailableException(error.Message, error);
        }
    }

    public IRedisSubscription Subscribe(RawWs.Redis.RedisChannel channel, RedisSubscriber subscriber) => new Subscription(multiplexer, channel.Name, subscriber);

    // The multiplexer is the application's.
    public ValueTask DisposeAsync() => default;

    private static RespValue ValueOf(RedisResult result) => result.Resp2Type switch
    {
        _ when result.IsNull => RespValue.Null,
        ResultType.Array => RespValue.FromItems([.. ((RedisResult[])result!).Select(ValueOf)]),
        ResultType.Integer => RespValue.FromInteger((long)result),
        _ => RespValue.FromBytes((byte[])result!),
    };

    private sealed class Subscription : IRedisSubscription
    {
        private readonly IConnectionMultiplexer _multiplexer;
        private readonly ChannelMessageQueue _messages;
        private readonly RedisSubscriber _subscriber;

        public Subscription(IConnectionMultiplexer multiplexer, string channel, RedisSubscriber subscriber)
        {
            (_multiplexer, _subscriber) = (multiplexer, subscriber);
            _messages = multiplexer.GetSubscriber().Subscribe(StackExchange.Redis.RedisChannel.Literal(channel));
            _messages.OnMessage(message => subscriber.OnMessage(new RedisMessage(channel, (byte[])message.Message!)));
            _multiplexer.ConnectionFailed += OnFailed;
            _multiplexer.ConnectionRestored += OnRestored;
            subscriber.OnConfirmed();
        }

        public bool IsConfirmed => _multiplexer.GetSubscriber().IsConnected(_messages.Channel);

        public ValueTask WaitForConfirmationAsync(CancellationToken cancellationToken = default) => default;

        public async ValueTask DisposeAsync()
        {
            _multiplexer.ConnectionFailed -= OnFailed;
            _multiplexer.ConnectionRestored -= OnRestored;
            await _messages.UnsubscribeAsync();
        }

        private void OnFailed(object? sender, ConnectionFailedEventArgs lost) => _subscriber.OnInterrupted();

        private void OnRestored(object? sender, ConnectionFailedEventArgs restored) => _subscriber.OnConfirmed();
    }
}
