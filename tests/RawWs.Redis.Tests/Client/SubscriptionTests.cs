using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Client;

/// <summary>What subscribers are told, and when.</summary>
public sealed class SubscriptionTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(RedisChannelKind.Channel, true)]
    [InlineData(RedisChannelKind.Pattern, false)]
    [InlineData(RedisChannelKind.Shard, true)]
    [InlineData(RedisChannelKind.Shard, false)]
    public async Task A_name_with_half_a_surrogate_pair_is_the_channel_that_it_is_sent_as_and_disturbs_no_other(RedisChannelKind kind, bool preferResp3)
    {
        await using var rig = await RedisRig.StartAsync();
        await using var redis = await rig.ConnectAsync(options => options.PreferResp3 = preferResp3);
        var (whole, half, otherHalf) = (new RecordingSubscriber(), new RecordingSubscriber(), new RecordingSubscriber());
        await using var toWhole = await SubscribeAsync(redis, "b", whole, kind);
        await using var toHalf = await SubscribeAsync(redis, "a\uD83D", half, kind);
        var toOtherHalf = await SubscribeAsync(redis, "a\uDE00", otherHalf, kind);
        var published = kind == RedisChannelKind.Pattern ? RedisChannelKind.Channel : kind;

        await redis.PublishAsync(new RedisChannel("a\uFFFD", published), "one"u8.ToArray());
        await Eventually.HoldsAsync(() => half.Told.Length == 2 && otherHalf.Told.Length == 2);

        // They are one channel, which is left with the last of them.
        await toOtherHalf.DisposeAsync();
        await redis.PublishAsync(new RedisChannel("a\uD83D", published), "two"u8.ToArray());
        await Eventually.HoldsAsync(() => half.Told.Length == 3);
        await toHalf.DisposeAsync();
        await redis.PublishAsync(new RedisChannel("b", published), "three"u8.ToArray());
        await Eventually.HoldsAsync(() => whole.Told.Length == 2);

        Assert.Equal(["+", "a\uFFFD:one", "a\uFFFD:two"], half.Told);
        Assert.Equal(["+", "a\uFFFD:one"], otherHalf.Told);
        Assert.Equal(["+", "b:three"], whole.Told);
        Assert.Null(redis.LastFailure);
    }

    private static async Task<IRedisSubscription> SubscribeAsync(RedisClient redis, string channel, RecordingSubscriber subscriber, RedisChannelKind kind = RedisChannelKind.Channel)
    {
        var subscription = redis.Subscribe(new RedisChannel(channel, kind), subscriber);
        await subscription.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);
        return subscription;
    }
}
