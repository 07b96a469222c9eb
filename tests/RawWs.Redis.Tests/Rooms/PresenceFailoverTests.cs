using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Rooms;

/// <summary>Who is in rooms on other nodes, when a replica becomes the primary. docs/scale-out.md has it by its name.</summary>
public sealed class PresenceFailoverTests
{
    // No node is taken for dead because this machine is slow.
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);

    public static TheoryData<RedisBackplaneMode, bool> Cases => new(Enum.GetValues<RedisBackplaneMode>().SelectMany(static mode => (IEnumerable<(RedisBackplaneMode, bool)>)[(mode, false), (mode, true)]));

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Who_came_and_went_while_the_primary_changed_is_known_then_and_who_stayed_has_never_left(RedisBackplaneMode mode, bool isHandedOver)
    {
        await using var failover = await FailoverRig.StartAsync();
        await using var one = await PresenceNode.StartAsync(failover.Options(), Options(mode));
        await using var two = await PresenceNode.StartAsync(failover.Options(), Options(mode));
        one.Join(1, "Ada");
        one.Join(2, "Bob");
        await two.SeesAsync("Ada", "Bob");

        await (isHandedOver ? failover.HandOverAsync() : failover.FailOverAsync());
        await Eventually.HoldsAsync(() => !one.Backplane.IsConnected && !two.Backplane.IsConnected);
        one.Leave(2);
        one.Join(3, "Cy");
        failover.Follow();
        await two.SeesAsync("Ada", "Cy");
        two.Join(1, "Dan");
        await one.SeesAsync("Dan");
        await Eventually.HoldsAsync(() => two.Told.Length == 4);

        Assert.Equal(["+Ada", "+Bob", "+Cy", "-Bob"], two.Told.Order(StringComparer.Ordinal));
    }

    private static RedisBackplaneOptions Options(RedisBackplaneMode mode)
        => RedisRoomBackplaneTests.Options(mode, static options => (options.HeartbeatInterval, options.CountTimeout) = (Long, Long));
}
