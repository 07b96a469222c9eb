using System.Text.Json;
using RawWs.Redis.SocketIO;
using RawWs.SocketIO;
using RawWs.SocketIO.Json;
using RawWs.SocketIO.Protocol;

namespace RawWs.Redis;

/// <summary>
/// Says something to the clients of a cluster of Socket.IO, from a process that has none itself: as <c>@socket.io/redis-emitter</c> 5 does for Node. Servers of RawWs and of Node both hear it.
/// </summary>
/// <remarks>
/// Immutable and thread-safe; each call returns a new one. Its tasks complete when Redis has taken what is said, and throw what <see cref="IRedisClient.ExecuteAsync"/> does. There are no answers.
/// </remarks>
/// <example><code>
/// await using var redis = new RedisClient(RedisOptions.Parse("localhost:6379"));
/// await redis.WaitForConnectionAsync();
/// await new RedisEmitter(redis).Of("/admin").To("lobby").EmitAsync("news", 1);
/// </code></example>
public sealed class RedisEmitter
{
    private const int MaxJsonDepth = 64;

    private readonly IRedisClient _redis;
    private readonly string _key;
    private readonly string _namespace;
    private readonly ValueJson _json;
    private readonly BroadcastOptions _options;

    /// <summary>Makes one for the namespace <c>/</c>.</summary>
    /// <param name="redis">Where the servers are.</param>
    /// <param name="key">What the names of their channels begin with: <see cref="RedisAdapterOptions.Key"/>.</param>
    /// <param name="json">How values become JSON; null for camel case and reflection, as for <see cref="SocketIOServerOptions.Json"/>.</param>
    public RedisEmitter(IRedisClient redis, string key = "socket.io", JsonSerializerOptions? json = null)
        : this(redis, key, "/", new ValueJson(json, MaxJsonDepth), BroadcastOptions.Everybody)
    {
        ArgumentNullException.ThrowIfNull(redis);
        ArgumentException.ThrowIfNullOrEmpty(key);
    }

    private RedisEmitter(IRedisClient redis, string key, string nsp, ValueJson json, BroadcastOptions options)
        => (_redis, _key, _namespace, _json, _options) = (redis, key, nsp, json, options);

    /// <summary>Drops what is sent for those whose connection can't take it at once.</summary>
    public RedisEmitter Volatile => With(_options with { IsVolatile = true });

    private AdapterChannels Channels => new(_key, _namespace);

    /// <summary>Everybody in a namespace.</summary>
    /// <param name="name">Its name; a slash at its beginning may be left out.</param>
    public RedisEmitter Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return new RedisEmitter(_redis, _key, name.StartsWith('/') ? name : "/" + name, _json, BroadcastOptions.Everybody);
    }

    /// <summary>Adds the members of rooms. A socket's id is the room of that socket.</summary>
    public RedisEmitter To(params IReadOnlyCollection<string> rooms)
    {
        ArgumentNullException.ThrowIfNull(rooms);
        return With(_options with { Rooms = [.. _options.Rooms.Union(rooms, StringComparer.Ordinal)] });
    }

    /// <inheritdoc cref="To"/>
    public RedisEmitter In(params IReadOnlyCollection<string> rooms) => To(rooms);

    /// <summary>Leaves out the members of rooms.</summary>
    public RedisEmitter Except(params IReadOnlyCollection<string> rooms)
    {
        ArgumentNullException.ThrowIfNull(rooms);
        return With(_options with { Except = [.. _options.Except.Union(rooms, StringComparer.Ordinal)] });
    }

    /// <summary>Whether what is sent may be compressed. Without this it may.</summary>
    public RedisEmitter Compress(bool isCompressible) => With(_options with { IsCompressible = isCompressible });

    /// <summary>Sends an event.</summary>
    /// <param name="eventName">Its name.</param>
    /// <param name="values">What it carries, as for <see cref="BroadcastOperator.EmitAsync"/>.</param>
    /// <exception cref="ArgumentException">The name is reserved.</exception>
    public Task EmitAsync(string eventName, params object?[] values)
    {
        ArgumentNullException.ThrowIfNull(eventName);
        ArgumentNullException.ThrowIfNull(values);
        if (ReservedNames.Contains(eventName))
            throw new ArgumentException($"\"{eventName}\" is a reserved event name", nameof(eventName));

        return PublishAsync(Channels.BroadcastsTo(_options.Rooms), BroadcastBody.Write(BroadcastBody.EmitterUid, _namespace, eventName, ToValues(values), _options));
    }

    /// <summary>Lets all of them join rooms.</summary>
    public Task SocketsJoinAsync(params IReadOnlyCollection<string> rooms)
    {
        ArgumentNullException.ThrowIfNull(rooms);
        return PublishAsync(Channels.Requests, RequestBody.Rooms(AdapterRequestType.Join, null, _options, rooms));
    }

    /// <summary>Lets all of them leave rooms.</summary>
    public Task SocketsLeaveAsync(params IReadOnlyCollection<string> rooms)
    {
        ArgumentNullException.ThrowIfNull(rooms);
        return PublishAsync(Channels.Requests, RequestBody.Rooms(AdapterRequestType.Leave, null, _options, rooms));
    }

    /// <summary>Disconnects all of them.</summary>
    /// <param name="close">Whether their connections end too.</param>
    public Task DisconnectSocketsAsync(bool close = false) => PublishAsync(Channels.Requests, RequestBody.Disconnect(null, _options, close));

    /// <summary>Sends an event to the namespace on all servers: <see cref="SocketIONamespace.OnServerSide(string, Func{SocketEvent, Task})"/>.</summary>
    /// <inheritdoc cref="EmitAsync" path="/param"/>
    public Task ServerSideEmitAsync(string eventName, params object?[] values)
    {
        ArgumentNullException.ThrowIfNull(eventName);
        ArgumentNullException.ThrowIfNull(values);
        return PublishAsync(Channels.Requests, RequestBody.ServerSideEmit(BroadcastBody.EmitterUid, null, eventName, ToValues(values)));
    }

    private RedisEmitter With(BroadcastOptions options) => new(_redis, _key, _namespace, _json, options);

    private EventValue[] ToValues(object?[] values) => [.. values.Select(_json.ToValue)];

    private async Task PublishAsync(RedisChannel channel, ReadOnlyMemory<byte> body) => await _redis.PublishAsync(channel, body).ConfigureAwait(false);
}
