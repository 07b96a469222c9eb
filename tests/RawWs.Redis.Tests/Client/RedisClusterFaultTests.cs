using System.Text;
using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Client;

/// <summary>The client for clusters against a real one whose slots move, or are nobody's, and whose master is killed. docs/scale-out.md has each of these by its name.</summary>
public sealed class RedisClusterFaultTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    // A channel for each master.
    private static readonly RedisChannel[] Channels = [.. Enumerable.Range(0, 3).Select(static master => new RedisChannel(RedisClusterRig.NameOn(master), RedisChannelKind.Shard))];

    [Fact]
    public async Task A_slot_that_goes_to_another_master_takes_its_keys_and_subscriptions_along()
    {
        await using var rig = await RedisClusterRig.StartAsync();
        await using var one = await rig.ConnectAsync();
        await using var two = await rig.ConnectAsync();
        var (channel, slot) = (Channels[0], RedisClusterRig.SlotOf(Channels[0].Name));
        var (subscriber, other) = (new RecordingSubscriber(), new RecordingSubscriber());
        await using var subscription = await SubscribeAsync(one, channel, subscriber);
        await using var otherSubscription = await SubscribeAsync(one, Channels[1], other);
        Assert.True(await one.SetAsync(channel.Name, Bytes("old")));

        // What is not there yet is made where it goes; what is on its way is asked for there.
        await rig.BeginToMoveAsync(slot, from: 0, to: 1);
        Assert.True(await two.SetAsync($"{{{channel.Name}}}:new", Bytes("new")));
        Assert.Equal("new", await TextAsync(one, $"{{{channel.Name}}}:new"));
        await rig.MoveKeysAsync(slot, from: 0, to: 1);
        Assert.Equal("old", await TextAsync(two, channel.Name));
        await two.PublishAsync(channel, Bytes("on its way"));
        await Eventually.HoldsAsync(() => subscriber.Told.Length == 2);
        await rig.EndMovingAsync(slot, to: 1);

        await Eventually.HoldsAsync(() => subscriber.Told is ["+", _, "-", "+"]);
        await two.PublishAsync(channel, Bytes("moved"));
        await Eventually.HoldsAsync(() => subscriber.Told.Length == 5);
        Assert.Equal(["+", $"{channel.Name}:on its way", "-", "+", $"{channel.Name}:moved"], subscriber.Told);
        Assert.Equal("old", await TextAsync(one, channel.Name));
        Assert.Equal("new", await TextAsync(two, $"{{{channel.Name}}}:new"));
        Assert.Equal(1, await two.CountSubscriptionsAsync(channel));
        Assert.Equal(1, (await rig.Servers[1].ExecuteAsync("PUBSUB", "SHARDNUMSUB", channel.Name)).Items[1].ToInteger());
        Assert.Equal(["+"], other.Told);
        Assert.DoesNotContain(rig.Log.Entries, static entry => entry.Message.Contains("refuses the subscription", StringComparison.Ordinal));
    }

    [Fact]
    public async Task When_a_master_is_killed_its_replica_is_found_and_subscriptions_are_made_there()
    {
        await using var rig = await RedisClusterRig.StartAsync();
        await using var one = await rig.ConnectAsync();
        await using var two = await rig.ConnectAsync();
        var subscribers = Channels.Select(static _ => new RecordingSubscriber()).ToArray();
        foreach (var (channel, subscriber) in Channels.Zip(subscribers))
            _ = await SubscribeAsync(one, channel, subscriber);

        Assert.True(await one.SetAsync(Channels[0].Name, Bytes("kept")));
        await rig.FailOverAsync(async () =>
        {
            await Eventually.HoldsAsync(() => subscribers[0].Told is ["+", "-"] && !one.IsConnected && !two.IsConnected);
            await Assert.ThrowsAsync<RedisUnavailableException>(async () => await one.PublishAsync(Channels[0], Bytes("nobody is there")));
            Assert.True(await one.SetAsync(Channels[1].Name, Bytes("the others go on")));
        });

        await Eventually.HoldsAsync(() => one.IsConnected && two.IsConnected && subscribers[0].Told.Length == 3);
        foreach (var (channel, subscriber) in Channels.Zip(subscribers))
        {
            await two.PublishAsync(channel, Bytes("again"));
            await Eventually.HoldsAsync(() => subscriber.Told[^1] == $"{channel.Name}:again");
        }

        // Whoever is on the others has noticed nothing.
        Assert.Equal("kept", await TextAsync(one, Channels[0].Name));
        Assert.Equal(["+", "-", "+"], subscribers[0].Told[..3]);
        Assert.Equal(2, subscribers[1].Told.Length);
        Assert.Equal(2, subscribers[2].Told.Length);
    }

    [Fact]
    public async Task A_slot_that_is_nobodys_is_an_error_for_who_needs_it_and_comes_back()
    {
        await using var rig = await RedisClusterRig.StartAsync();
        await using var redis = await rig.ConnectAsync(static options => options.KeepAliveInterval = TimeSpan.FromMilliseconds(50));
        var (channel, slot) = (Channels[1], RedisClusterRig.SlotOf(Channels[1].Name));
        var subscriber = new RecordingSubscriber();
        await using var subscription = await SubscribeAsync(redis, channel, subscriber);
        foreach (var server in rig.Servers)
            await server.ExecuteAsync("CLUSTER", "DELSLOTS", slot);

        await Eventually.HoldsAsync(() => subscriber.Told is ["+", "-"] && !redis.IsConnected);
        var refused = await Assert.ThrowsAnyAsync<Exception>(async () => await redis.PublishAsync(channel, Bytes("nobody is there")));
        Assert.True(refused is RedisUnavailableException or RedisErrorException { Code: "CLUSTERDOWN" }, $"{refused}");
        Assert.True(await redis.SetAsync(Channels[0].Name, Bytes("the others go on")));
        await redis.PublishAsync(new(channel.Name), Bytes("on any server"));

        await rig.Servers[2].ExecuteAsync("CLUSTER", "ADDSLOTS", slot);
        await rig.EndMovingAsync(slot, to: 2);
        await Eventually.HoldsAsync(() => subscriber.Told is ["+", "-", "+"] && redis.IsConnected);
        await redis.PublishAsync(channel, Bytes("again"));
        await Eventually.HoldsAsync(() => subscriber.Told[^1] == $"{channel.Name}:again");
    }

    [Fact]
    public async Task What_a_subscriber_throws_when_its_channel_moves_is_logged_and_nothing_else_is_disturbed()
    {
        await using var rig = await RedisClusterRig.StartAsync();
        await using var redis = await rig.ConnectAsync();
        var (channel, slot) = (Channels[0], RedisClusterRig.SlotOf(Channels[0].Name));
        var subscriber = new RecordingSubscriber();
        await using var rude = await SubscribeAsync(redis, channel, new RudeSubscriber());
        await using var subscription = await SubscribeAsync(redis, channel, subscriber);

        await rig.MoveAsync(slot, from: 0, to: 2);
        await Eventually.HoldsAsync(() => subscriber.Told is ["+", "-", "+"] && rude.IsConfirmed);
        await redis.PublishAsync(channel, Bytes("moved"));
        await Eventually.HoldsAsync(() => subscriber.Told[^1] == $"{channel.Name}:moved");
        Assert.Contains(rig.Log.Entries, static entry => entry.Message.StartsWith("A subscriber of", StringComparison.Ordinal));
    }

    private static async Task<IRedisSubscription> SubscribeAsync(RedisClusterClient redis, RedisChannel channel, RedisSubscriber subscriber)
    {
        var subscription = redis.Subscribe(channel, subscriber);
        await subscription.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);
        return subscription;
    }

    private static async Task<string> TextAsync(RedisClusterClient redis, string key) => Encoding.UTF8.GetString((await redis.GetAsync(key))!.Value.Span); // It is there.

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private sealed class RudeSubscriber : RedisSubscriber
    {
        public override void OnInterrupted() => throw new InvalidOperationException("rude");

        public override void OnMessage(RedisMessage message) => throw new InvalidOperationException("rude");
    }
}
