using Microsoft.Extensions.Logging.Abstractions;
using RawWs.Redis.Client;
using RawWs.Redis.Diagnostics;
using RawWs.Redis.Tests.Servers;
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

    [Fact]
    public async Task That_all_has_been_read_is_not_told_when_the_connection_is_lost_already()
    {
        using var isLost = new ManualResetEventSlim();
        var looks = 0;
        await using var silent = new ScriptedServer(static _ => "");
        await using var server = new ScriptedServer(command =>
        {
            // The first look finds where the stream ends, the second that all has been read.
            if (command.StartsWith("XREVRANGE", StringComparison.Ordinal) && Interlocked.Increment(ref looks) is var look and > 1)
                return look == 2 && isLost.Wait(LongestWait) ? "*0\r\n" : null;

            return "*0\r\n";
        });
        var options = RedisOptions.Parse($"127.0.0.1:{silent.Port}");
        (options.ConnectTimeout, options.CommandTimeout, options.KeepAliveInterval) = (LongestWait, LongestWait, LongestWait);
        using var metrics = new RedisMetrics();
        var follower = new RecordingFollower();
        await using var link = new StreamLink(new FixedStreamSource(options, "s"), options, metrics, NullLogger.Instance, new ReplicaNotice(), readCount: 100, TimeSpan.FromSeconds(1));
        link.Add(follower);

        // The one that it makes for itself is never there.
        var there = options.Clone();
        there.Port = server.Port;
        await using var connection = new RedisConnection(there, await RedisSocket.ConnectAsync(there, CancellationToken.None), link.TryTake, mayAnswerLate: false);
        link.OnOpened(connection);
        await Eventually.HoldsAsync(() => Volatile.Read(ref looks) == 2);
        link.OnLost();
        isLost.Set();

        // It goes on behind the answer.
        await Eventually.HoldsAsync(() => Volatile.Read(ref looks) == 3 || server.Commands.Count(static command => command.StartsWith("XREAD", StringComparison.Ordinal)) == 2);
        Assert.Equal(["-"], follower.Told);
    }

    [Fact]
    public async Task Who_comes_when_all_has_been_read_is_told_so()
    {
        await using var stream = new ScriptedStream();
        var (follower, later) = (new RecordingFollower(), new RecordingFollower());
        await using var redis = Follow(stream, follower);
        await Eventually.HoldsAsync(() => follower.Told is ["=0-0"]);

        ((IOrderedRedisClient)redis).Follow("s", readCount: 100, TimeSpan.FromSeconds(1), later);

        Assert.Equal(["=0-0"], later.Told);
    }

    [Theory]
    [InlineData("NOPERM no")]
    [InlineData("BUSY Redis is busy running a script.")]
    public async Task Who_follows_is_told_that_the_stream_is_not_read_while_Redis_refuses_and_when_it_is_again(string refusal)
    {
        var time = new ManualTimeProvider();
        await using var stream = new ScriptedStream();
        var (follower, later) = (new RecordingFollower(), new RecordingFollower());
        await using var redis = Follow(stream, follower, time);
        await Eventually.HoldsAsync(() => follower.Told is ["=0-0"]);

        stream.Refuse(refusal);
        await Eventually.HoldsAsync(() => follower.Told is ["=0-0", "-"]);

        // It is read a little later again, on the same connection. Who comes meanwhile is not told that all has been read.
        ((IOrderedRedisClient)redis).Follow("s", readCount: 100, TimeSpan.FromSeconds(1), later);
        var askedCount = CountReadings();
        await Eventually.CompletesAsync(time, Eventually.HoldsAsync(() => CountReadings() >= askedCount + 3));
        Assert.Equal(["=0-0", "-"], follower.Told);
        Assert.Empty(later.Told);

        stream.Set(size: 1, "1-0");
        stream.Refuse(null);
        await Eventually.CompletesAsync(time, Eventually.HoldsAsync(() => follower.Told is [.., "=1-0"] && later.Told.Length > 0));
        Assert.Equal("-", follower.Told[1]);
        Assert.DoesNotContain("-", follower.Told.Skip(2));
        Assert.Equal("=1-0", later.Told[^1]);
        Assert.Single(follower.Told, "1-0");
        Assert.Null(redis.LastFailure);

        int CountReadings() => stream.Server.Commands.Count(static command => command.StartsWith("XREAD ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whoever_lets_the_reader_wait_no_longer_ends_no_connection_and_interrupts_nobody()
    {
        await using var stream = new ScriptedStream();
        var follower = new RecordingFollower();
        await using var redis = Follow(stream, follower);
        await Eventually.HoldsAsync(() => follower.Told is ["=0-0"]);
        var before = CountLogins();

        for (var count = 1; count <= 3; count++)
        {
            stream.Refuse("UNBLOCKED client unblocked via CLIENT UNBLOCK", once: true);
            stream.Set(size: 1, [.. Enumerable.Range(1, count).Select(static number => $"{number}-0")]);
            await Eventually.HoldsAsync(() => follower.Told[^1] == $"{count}-0");
        }

        Assert.Equal(["=0-0", "1-0", "2-0", "3-0"], follower.Told);
        Assert.Equal(before, CountLogins());
        Assert.Null(redis.LastFailure);

        int CountLogins() => stream.Server.Commands.Count(static command => command.StartsWith("HELLO", StringComparison.Ordinal));
    }

    private static RedisClient Follow(ScriptedStream stream, RecordingFollower follower, TimeProvider? time = null)
    {
        var options = RedisOptions.Parse($"127.0.0.1:{stream.Server.Port}");
        (options.MinReconnectDelay, options.MaxReconnectDelay) = (TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(20));
        (options.ConnectTimeout, options.CommandTimeout, options.KeepAliveInterval, options.MaxReplySize) = (LongestWait, LongestWait, LongestWait, 2_000);
        options.TimeProvider = time ?? TimeProvider.System;
        var redis = new RedisClient(options);
        ((IOrderedRedisClient)redis).Follow("s", readCount: 100, TimeSpan.FromSeconds(1), follower);
        return redis;
    }
}
