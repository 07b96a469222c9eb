using RawWs.Redis.Client;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Client;

/// <summary>Whoever follows a stream is told all of it, and whether it is read at this moment.</summary>
public sealed class StreamLinkTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Entries_that_are_too_large_together_are_read_one_by_one()
    {
        await using var stream = new ScriptedStream();
        var follower = new RecordingFollower();
        await using var redis = Follow(stream, follower);
        await Eventually.HoldsAsync(() => follower.Told is ["=0-0"]);

        stream.Set(size: 1_000, "1-0", "2-0", "3-0");
        await Eventually.HoldsAsync(() => follower.Told is [.., "=3-0"]);

        Assert.Equal(["=0-0", "1-0", "2-0", "3-0", "=3-0"], follower.Told.Where(static told => told != "-"));
    }

    [Fact]
    public async Task A_stream_that_has_gone_back_to_entries_that_are_too_large_together_is_looked_through_one_by_one()
    {
        await using var stream = new ScriptedStream();
        var follower = new RecordingFollower();
        await using var redis = Follow(stream, follower);
        await Eventually.HoldsAsync(() => follower.Told is ["=0-0"]);
        stream.Set(size: 1, "9-0");
        await Eventually.HoldsAsync(() => follower.Told is [.., "=9-0"] or [.., "9-0"]);

        stream.Set(size: 1_000, "1-0", "2-0", "3-0");
        await Eventually.HoldsAsync(() => follower.Told is [.., "=3-0"]);

        Assert.Equal(["<0-0", "1-0", "2-0", "3-0", "=3-0"], follower.Told.Where(static told => told != "-").TakeLast(5));
    }

    private static RedisClient Follow(ScriptedStream stream, RecordingFollower follower)
    {
        var options = RedisOptions.Parse($"127.0.0.1:{stream.Server.Port}");
        (options.MinReconnectDelay, options.MaxReconnectDelay) = (TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(20));
        (options.ConnectTimeout, options.CommandTimeout, options.KeepAliveInterval, options.MaxReplySize) = (LongestWait, LongestWait, LongestWait, 2_000);
        var redis = new RedisClient(options);
        ((IOrderedRedisClient)redis).Follow("s", readCount: 100, TimeSpan.FromSeconds(1), follower);
        return redis;
    }
}
