namespace StackExchange.Redis;

// Of StackExchange.Redis 2.8, which is no package of ours, as much as MultiplexerClient uses: declarations to compile it against, which nothing calls.

internal interface IConnectionMultiplexer
{
    event EventHandler<ConnectionFailedEventArgs> ConnectionFailed;

    event EventHandler<ConnectionFailedEventArgs> ConnectionRestored;

    bool IsConnected { get; }

    IDatabase GetDatabase(int db = -1, object? asyncState = null);

    ISubscriber GetSubscriber(object? asyncState = null);
}

internal interface IDatabase
{
    Task<RedisResult> ExecuteAsync(string command, params object[] args);

    Task<RedisResult> ExecuteAsync(string command, ICollection<object>? args, CommandFlags flags = CommandFlags.None);
}

internal interface ISubscriber
{
    ChannelMessageQueue Subscribe(RedisChannel channel, CommandFlags flags = CommandFlags.None);

    bool IsConnected(RedisChannel channel = default);
}

[Flags]
internal enum CommandFlags
{
    None = 0,
}

internal enum ResultType : byte
{
    None = 0,
    SimpleString = 1,
    Error = 2,
    Integer = 3,
    BulkString = 4,
    Array = 5,
}

internal abstract class ChannelMessageQueue
{
    public abstract RedisChannel Channel { get; }

    public abstract void OnMessage(Action<ChannelMessage> handler);

    public abstract void OnMessage(Func<ChannelMessage, Task> handler);

    public abstract Task UnsubscribeAsync(CommandFlags flags = CommandFlags.None);
}

internal readonly record struct ChannelMessage(RedisChannel Channel, RedisValue Message);

internal readonly record struct RedisChannel
{
    public static RedisChannel Literal(string value) => throw new NotSupportedException(value);
}

internal readonly record struct RedisValue
{
    public static implicit operator RedisValue(ReadOnlyMemory<byte> value) => throw new NotSupportedException();

    public static implicit operator RedisValue(byte[]? value) => throw new NotSupportedException();

    public static implicit operator byte[]?(RedisValue value) => throw new NotSupportedException();
}

internal abstract class RedisResult
{
    public abstract ResultType Resp2Type { get; }

    public abstract bool IsNull { get; }

    public static explicit operator byte[]?(RedisResult? result) => throw new NotSupportedException();

    public static explicit operator long(RedisResult result) => throw new NotSupportedException();

    public static explicit operator RedisResult[]?(RedisResult? result) => throw new NotSupportedException();
}

internal sealed class ConnectionFailedEventArgs : EventArgs;

internal class RedisException(string message) : Exception(message);

internal sealed class RedisServerException(string message) : RedisException(message);

internal sealed class RedisConnectionException(string message) : RedisException(message);

internal sealed class RedisTimeoutException(string message) : TimeoutException(message);
