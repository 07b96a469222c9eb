namespace RawWs.Redis;

/// <summary>Commands by their names, for whatever client.</summary>
/// <remarks>All throw what <see cref="IRedisClient.ExecuteAsync"/> does.</remarks>
public static class RedisCommands
{
    extension(IRedisClient redis)
    {
        /// <summary>Publishes to a channel: <c>PUBLISH</c>, or <c>SPUBLISH</c> for one of a shard.</summary>
        /// <returns>How many subscriptions it was for, on the server that took it.</returns>
        /// <exception cref="ArgumentException">The channel is a pattern.</exception>
        public async ValueTask<long> PublishAsync(RedisChannel channel, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default)
        {
            if (channel.Kind == RedisChannelKind.Pattern)
                throw new ArgumentException("Nothing can be published to a pattern; name a channel.", nameof(channel));

            var command = new RedisCommand(channel.PublishCommand, channel.Name, payload);
            return (await redis.ExecuteAsync(command, cancellationToken).ConfigureAwait(false)).ToInteger();
        }

        /// <summary>How many subscriptions to a channel there are, patterns not counted: <c>PUBSUB NUMSUB</c>, or <c>SHARDNUMSUB</c>.</summary>
        /// <exception cref="ArgumentException">The channel is a pattern.</exception>
        public async ValueTask<long> CountSubscriptionsAsync(RedisChannel channel, CancellationToken cancellationToken = default)
        {
            if (channel.Kind == RedisChannelKind.Pattern)
                throw new ArgumentException("Redis does not count the subscriptions to one pattern; name a channel.", nameof(channel));

            var command = new RedisCommand("PUBSUB", channel.Kind == RedisChannelKind.Shard ? "SHARDNUMSUB" : "NUMSUB", channel.Name);
            return (await redis.ExecuteAsync(command, cancellationToken).ConfigureAwait(false)) is { Items: [_, var count] } ? count.ToInteger() : 0;
        }

        /// <summary>The value of a key: <c>GET</c>.</summary>
        /// <returns>Null if there is none.</returns>
        public async ValueTask<ReadOnlyMemory<byte>?> GetAsync(string key, CancellationToken cancellationToken = default)
            => await redis.ExecuteAsync(new RedisCommand("GET", key), cancellationToken).ConfigureAwait(false) is { IsNull: false } value ? value.Bytes : (ReadOnlyMemory<byte>?)null;

        /// <summary>Sets a key: <c>SET</c>.</summary>
        /// <param name="key">The key.</param>
        /// <param name="value">Its value.</param>
        /// <param name="lifetime">How long it lives, in whole milliseconds; null: for ever.</param>
        /// <param name="onlyIfNew">Whether a value that is there stays.</param>
        /// <param name="cancellationToken">Ends the waiting.</param>
        /// <returns>Whether it was set.</returns>
        public async ValueTask<bool> SetAsync(
            string key, ReadOnlyMemory<byte> value, TimeSpan? lifetime = null, bool onlyIfNew = false, CancellationToken cancellationToken = default)
        {
            List<RedisArgument> arguments = [key, value];
            if (lifetime is { } time)
                arguments.AddRange("PX", (long)time.TotalMilliseconds);

            if (onlyIfNew)
                arguments.Add("NX");

            return !(await redis.ExecuteAsync(new RedisCommand("SET", [.. arguments]), cancellationToken).ConfigureAwait(false)).IsNull;
        }

        /// <summary>Deletes a key: <c>DEL</c>.</summary>
        /// <returns>Whether there was one.</returns>
        public async ValueTask<bool> DeleteAsync(string key, CancellationToken cancellationToken = default)
            => (await redis.ExecuteAsync(new RedisCommand("DEL", key), cancellationToken).ConfigureAwait(false)).ToBoolean();

        /// <summary>Adds an entry of one field to a stream: <c>XADD</c>.</summary>
        /// <param name="key">The stream.</param>
        /// <param name="field">The name of the field.</param>
        /// <param name="value">Its value.</param>
        /// <param name="maxLength">About how many entries stay, the newest; Redis may keep some more. Null: all.</param>
        /// <param name="cancellationToken">Ends the waiting.</param>
        /// <returns>The id of the entry.</returns>
        public async ValueTask<string> AddToStreamAsync(
            string key, string field, ReadOnlyMemory<byte> value, long? maxLength = null, CancellationToken cancellationToken = default)
        {
            List<RedisArgument> arguments = [key];
            if (maxLength is { } length)
                arguments.AddRange("MAXLEN", "~", length);

            arguments.AddRange("*", field, value);
            return (await redis.ExecuteAsync(new RedisCommand("XADD", [.. arguments]), cancellationToken).ConfigureAwait(false)).ToText() ?? "";
        }

        /// <summary>Reads entries of a stream in their order: <c>XRANGE</c>.</summary>
        /// <param name="key">The stream.</param>
        /// <param name="start">The first id; <c>-</c> for the first there is, and <c>(</c> before one for what comes behind it.</param>
        /// <param name="end">The last id; <c>+</c> for the last there is.</param>
        /// <param name="count">How many, at most.</param>
        /// <param name="cancellationToken">Ends the waiting.</param>
        public async ValueTask<IReadOnlyList<RedisStreamEntry>> ReadStreamAsync(
            string key, string start = "-", string end = "+", int count = 100, CancellationToken cancellationToken = default)
            => RedisStreamEntry.ListOf(await redis.ExecuteAsync(new RedisCommand("XRANGE", key, start, end, "COUNT", count), cancellationToken).ConfigureAwait(false));

        /// <summary>Reads what lies behind an entry of a stream, without waiting for more: <c>XREAD</c>.</summary>
        /// <inheritdoc cref="ReadStreamAsync(IRedisClient, string, string, string, int, CancellationToken)"/>
        /// <param name="after">The id of the entry; <c>0</c> for what is before the first.</param>
        /// <param name="key">The stream.</param>
        /// <param name="count">How many, at most.</param>
        /// <param name="cancellationToken">Ends the waiting.</param>
        public async ValueTask<IReadOnlyList<RedisStreamEntry>> ReadStreamAfterAsync(string key, string after, int count = 100, CancellationToken cancellationToken = default)
            => RedisStreamEntry.ListOfOne(await redis.ExecuteAsync(new RedisCommand("XREAD", "COUNT", count, "STREAMS", key, after), cancellationToken).ConfigureAwait(false));

        /// <summary>The newest entry of a stream: <c>XREVRANGE</c>.</summary>
        /// <returns>Null if there is none.</returns>
        public async ValueTask<RedisStreamEntry?> ReadLastOfStreamAsync(string key, CancellationToken cancellationToken = default)
            => RedisStreamEntry.ListOf(await redis.ExecuteAsync(new RedisCommand("XREVRANGE", key, "+", "-", "COUNT", 1), cancellationToken).ConfigureAwait(false)) is [var last] ? last : null;
    }

    private static void AddRange(this List<RedisArgument> arguments, params ReadOnlySpan<RedisArgument> more)
    {
        foreach (var argument in more)
            arguments.Add(argument);
    }
}
