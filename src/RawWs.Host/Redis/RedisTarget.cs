using Microsoft.Extensions.Logging;
using RawWs.Redis;
using RawWs.SocketIO;

namespace RawWs.Host;

/// <summary>The Redis that rooms are shared through.</summary>
/// <param name="Address">Where it is, as it was written: it may hold a password.</param>
/// <param name="Mode">How.</param>
internal sealed record RedisTarget(string Address, RedisBackplaneMode Mode)
{
    /// <summary>A backplane for one server, with a client of its own.</summary>
    public RedisRoomBackplane NewBackplane(ILoggerFactory loggerFactory)
        => new(OptionsOf(loggerFactory), new RedisBackplaneOptions { Mode = Mode, LoggerFactory = loggerFactory });

    /// <summary>A client for the namespaces of Socket.IO on one server.</summary>
    public IRedisClient NewClient(ILoggerFactory loggerFactory) => OptionsOf(loggerFactory).CreateClient();

    /// <summary>What makes the adapters of Socket.IO namespaces.</summary>
    /// <param name="redis">For the server that they are for.</param>
    public Func<SocketIONamespace, SocketIOAdapter> AdapterOver(IRedisClient redis) => Mode switch
    {
        RedisBackplaneMode.Sharded => nsp => new RedisShardedAdapter(nsp, redis),
        RedisBackplaneMode.Streams when redis is RedisClusterClient cluster => nsp => new RedisStreamsAdapter(nsp, cluster),
        RedisBackplaneMode.Streams => nsp => new RedisStreamsAdapter(nsp, (RedisClient)redis), // As options make it.
        _ => nsp => new RedisAdapter(nsp, redis),
    };

    /// <summary>An address without what is secret in it.</summary>
    public static string WithoutPassword(string address)
        => address.LastIndexOf('@') is var at and > 0 ? $"{address[..(address.IndexOf("//", StringComparison.Ordinal) is var scheme and >= 0 ? scheme + 2 : 0)]}***{address[at..]}" : address;

    // Records print their members.
    public override string ToString() => $"{WithoutPassword(Address)} {Mode}";

    private RedisOptions OptionsOf(ILoggerFactory loggerFactory)
    {
        var redis = RedisOptions.Parse(Address);
        redis.LoggerFactory = loggerFactory;
        return redis;
    }
}
