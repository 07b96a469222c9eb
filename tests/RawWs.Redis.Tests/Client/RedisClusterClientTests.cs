using System.Text;
using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Client;

/// <summary>The client for clusters against a real one that is well.</summary>
public sealed class RedisClusterClientTests(SharedCluster cluster) : IClassFixture<SharedCluster>
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    // One for each master.
    private static readonly string[] Names = [.. Enumerable.Range(0, 3).Select(RedisClusterRig.NameOn)];

    [Fact]
    public async Task Keys_are_where_their_slot_is()
    {
        SkipWithoutRedis();
        await using var one = await cluster.Rig.ConnectAsync();
        await using var two = await cluster.Rig.ConnectAsync();
        foreach (var (name, master) in Names.Select(static (name, master) => (name, master)))
        {
            Assert.True(await one.SetAsync($"{{{name}}}:key", Bytes(name)));
            Assert.Equal(name, Encoding.UTF8.GetString((await two.GetAsync($"{{{name}}}:key"))!.Value.Span)); // It is there.
            Assert.Equal(name, (await cluster.Rig.Servers[master].ExecuteAsync("GET", $"{{{name}}}:key")).ToText());
            Assert.Equal(name, (await one.ExecuteAsync(new RedisCommand("EVAL", "return redis.call('GET', KEYS[1])", 1, $"{{{name}}}:key"))).ToText());
            Assert.True(await two.DeleteAsync($"{{{name}}}:key"));
            var id = await one.AddToStreamAsync($"{name}:stream", "f", Bytes("x"));
            Assert.Equal(id, Assert.Single(await two.ReadStreamAsync($"{name}:stream")).Id);
            Assert.Equal(id, Assert.Single(await two.ReadStreamAfterAsync($"{name}:stream", "0")).Id);
        }

        Assert.Equal("PONG", (await one.ExecuteAsync(new RedisCommand("PING"))).ToText());
        Assert.Contains("XREAD holds up", (await Assert.ThrowsAsync<ArgumentException>(async () => await one.ExecuteAsync(new RedisCommand("XREAD", "BLOCK", 0, "STREAMS", Names[1], "0")))).Message, StringComparison.Ordinal);
        Assert.Equal("CROSSSLOT", (await Assert.ThrowsAsync<RedisErrorException>(async () => await one.ExecuteAsync(new RedisCommand("MGET", Names[0], Names[1])))).Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Channels_are_heard_wherever_they_are(bool hasResp3)
    {
        SkipWithoutRedis();
        await using var one = await cluster.Rig.ConnectAsync(options => options.PreferResp3 = hasResp3);
        await using var two = await cluster.Rig.ConnectAsync(options => options.PreferResp3 = hasResp3);
        foreach (var name in Names)
        {
            await HearsAsync(one, two, new(name, RedisChannelKind.Shard), new(name, RedisChannelKind.Shard));
            await HearsAsync(one, two, new(name), new(name));
            await HearsAsync(one, two, new($"{name[0]}*", RedisChannelKind.Pattern), new(name));
        }

        Assert.True(one.IsConnected);
        Assert.Null(one.LastFailure);
    }

    [Fact]
    public async Task Subscriptions_are_counted_where_they_are()
    {
        SkipWithoutRedis();
        await using var one = await cluster.Rig.ConnectAsync();
        foreach (var name in Names)
        {
            // Whoever is not ours may be on any server.
            await using var other = new RedisClient(RedisOptions.Parse($"127.0.0.1:{cluster.Rig.EndPoints[2].Port}"));
            await using var here = one.Subscribe(new($"counted:{name}"), new RecordingSubscriber());
            await using var there = other.Subscribe(new($"counted:{name}"), new RecordingSubscriber());
            await using var sharded = one.Subscribe(new(name, RedisChannelKind.Shard), new RecordingSubscriber());
            foreach (var subscription in (IRedisSubscription[])[here, there, sharded])
                await subscription.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);

            Assert.Equal(2, await one.CountSubscriptionsAsync(new($"counted:{name}")));
            Assert.Equal(1, await one.CountSubscriptionsAsync(new(name, RedisChannelKind.Shard)));
        }
    }

    [Fact]
    public async Task Whoever_takes_one_server_for_all_is_told_what_to_write()
    {
        SkipWithoutRedis();
        var options = new RedisOptions { Host = "127.0.0.1", Port = cluster.Rig.EndPoints[0].Port, LoggerFactory = cluster.Rig.Log };
        await using var alone = new RedisClient(options);
        await alone.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);
        var moved = await Assert.ThrowsAsync<RedisErrorException>(async () => await alone.GetAsync(Names[1]));
        Assert.Equal("MOVED", moved.Code);
        Assert.Contains("write ?cluster", moved.Message, StringComparison.Ordinal);
        await using var subscription = alone.Subscribe(new(Names[1], RedisChannelKind.Shard), new RecordingSubscriber());
        var refused = await Assert.ThrowsAsync<RedisErrorException>(() => subscription.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait));
        Assert.Contains("write ?cluster", refused.Message, StringComparison.Ordinal);

        // One address is enough.
        await using var all = new RedisClusterClient(options);
        await all.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);
        Assert.Null(await all.GetAsync(Names[1]));
    }

    [Fact]
    public async Task Whoever_takes_one_Redis_for_a_cluster_is_told_that_it_is_none()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var redis = new RedisClusterClient(rig.Options());
        await Eventually.HoldsAsync(() => rig.Log.Entries.Any(static entry => entry.Message.Contains("it is none: make a RedisClient", StringComparison.Ordinal)));

        var refused = await Assert.ThrowsAsync<RedisUnavailableException>(async () => await redis.GetAsync("key"));
        Assert.Contains("has told its slots yet", refused.Message, StringComparison.Ordinal);
        Assert.False(redis.IsConnected);
    }

    [Fact]
    public async Task Whoever_waits_for_a_client_that_is_disposed_is_told()
    {
        SkipWithoutRedis();
        var redis = await cluster.Rig.ConnectAsync();
        var subscription = redis.Subscribe(new(Names[1], RedisChannelKind.Shard), new RecordingSubscriber());
        await subscription.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);
        await redis.DisposeAsync();
        await redis.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await redis.GetAsync("key"));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await redis.CountSubscriptionsAsync(new("a")));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await subscription.WaitForConfirmationAsync());
        Assert.Throws<ObjectDisposedException>(() => redis.Subscribe(new("a"), new RecordingSubscriber()));
        await subscription.DisposeAsync();

        var never = new RedisClusterClient(RedisOptions.Parse("127.0.0.1:1?cluster"));
        var waiting = never.WaitForConnectionAsync().AsTask();
        await never.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting);
    }

    private static void SkipWithoutRedis() => Assert.SkipWhen(RedisServerProcess.Program is null, "There is no redis-server on this machine.");

    private static async Task HearsAsync(RedisClusterClient one, RedisClusterClient two, RedisChannel channel, RedisChannel published)
    {
        var subscriber = new RecordingSubscriber();
        await using var subscription = one.Subscribe(channel, subscriber);
        await subscription.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);
        Assert.True(subscription.IsConfirmed);

        // What was said before may still be on its way from server to server, and match the pattern when it comes.
        var text = $"{Guid.NewGuid()}";
        await two.PublishAsync(published, Bytes(text));
        await Eventually.HoldsAsync(() => subscriber.Told.Contains($"{published.Name}:{text}"));
        Assert.Equal("+", subscriber.Told[0]);
    }

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
