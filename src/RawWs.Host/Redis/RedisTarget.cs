using Microsoft.Extensions.Logging;
using RawWs.Redis;

namespace RawWs.Host;

/// <summary>The Redis that rooms are shared through.</summary>
/// <param name="Address">Where it is, as it was written: it may hold a password.</param>
/// <param name="Mode">How.</param>
internal sealed record RedisTarget(string Address, RedisBackplaneMode Mode)
{
    /// <summary>A backplane for one server, with a client of its own.</summary>
    public RedisRoomBackplane NewBackplane(ILoggerFactory loggerFactory)
    {
        var redis = RedisOptions.Parse(Address);
        redis.LoggerFactory = loggerFactory;
        return new RedisRoomBackplane(redis, new RedisBackplaneOptions { Mode = Mode, LoggerFactory = loggerFactory });
    }

    /// <summary>An address without what is secret in it.</summary>
    public static string WithoutPassword(string address)
        => address.LastIndexOf('@') is var at and > 0 ? $"{address[..(address.IndexOf("//", StringComparison.Ordinal) is var scheme and >= 0 ? scheme + 2 : 0)]}***{address[at..]}" : address;

    // Records print their members.
    public override string ToString() => $"{WithoutPassword(Address)} {Mode}";
}
