using System.Collections.Concurrent;
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

    [Theory]
    [InlineData("BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.")]
    [InlineData("LOADING Redis is loading the dataset in memory")]
    public async Task A_subscription_that_is_refused_for_the_moment_is_made_later_and_others_hear_of_the_interruption(string refusal)
    {
        var isFirst = true;
        await using var server = new ScriptedServer(command => ScriptedServer.Login(command)
            ?? (command == "SUBSCRIBE a" && Interlocked.Exchange(ref isFirst, false) ? $"-{refusal}\r\n" : Confirmation(command)));
        await using var redis = new RedisClient(Options(server));
        var (first, second) = (new RecordingSubscriber(), new RecordingSubscriber());
        await using var toOther = await SubscribeAsync(redis, "b", first);
        await using var refused = redis.Subscribe(new RedisChannel("a"), second);

        // Whoever has begun to wait is not told of the refusal.
        await refused.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);
        await toOther.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);
        await Eventually.HoldsAsync(() => first.Told.Length == 3 && second.Told.Length == 1);

        Assert.Equal(["+", "-", "+"], first.Told);
        Assert.Equal(["+"], second.Told);
        Assert.StartsWith(refusal, redis.LastFailure!.Message, StringComparison.Ordinal);
        Assert.Equal(4, server.Commands.Count(static command => command.StartsWith("SUBSCRIBE", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_server_that_refuses_for_the_moment_again_and_again_is_asked_less_and_less_often()
    {
        var time = new ManualTimeProvider();
        var asked = new ConcurrentQueue<TimeSpan>();
        await using var server = new ScriptedServer(command =>
        {
            if (!command.StartsWith("SUBSCRIBE", StringComparison.Ordinal))
                return ScriptedServer.Login(command);

            // The answer takes longer than the shortest delay: the connection does not end at once.
            var at = time.GetUtcNow().TimeOfDay;
            SpinWait.SpinUntil(() => time.GetUtcNow().TimeOfDay >= at + TimeSpan.FromSeconds(2), LongestWait);
            asked.Enqueue(at);
            return "-BUSY Redis is busy running a script.\r\n";
        });
        var options = Options(server);
        (options.TimeProvider, options.MinReconnectDelay, options.MaxReconnectDelay) = (time, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        (options.ConnectTimeout, options.CommandTimeout, options.KeepAliveInterval) = (TimeSpan.FromDays(1), TimeSpan.FromDays(1), TimeSpan.FromDays(1));
        await using var redis = new RedisClient(options);
        await using var subscription = redis.Subscribe(new RedisChannel("a"), new RecordingSubscriber());

        await Eventually.CompletesAsync(time, Eventually.HoldsAsync(() => asked.Count == 9));

        // The longest delays are 1, 2, 4 … 128 s; of each at least a half is waited.
        var times = asked.ToArray();
        Assert.True(times[8] - times[7] >= TimeSpan.FromSeconds(64), string.Join(' ', times));
        Assert.False(subscription.IsConfirmed);
    }

    [Fact]
    public async Task Nobody_hears_what_comes_before_the_own_confirmation_whoever_else_is_subscribed()
    {
        var (asked, isEnded) = (0, false);
        await using var server = new ScriptedServer(command => ScriptedServer.Login(command) ?? command switch
        {
            "SUBSCRIBE end" when !Interlocked.Exchange(ref isEnded, true) => null,
            "SUBSCRIBE a" => Interlocked.Increment(ref asked) switch
            {
                2 => Message("early") + Confirmation(command),
                3 => Message("too early") + Confirmation(command) + Message("between"),
                4 => Confirmation(command) + Message("late"),
                _ => Confirmation(command),
            },
            _ => Confirmation(command),
        });
        await using var redis = new RedisClient(Options(server));
        var (first, second) = (new RecordingSubscriber(), new RecordingSubscriber());
        await using var toFirst = await SubscribeAsync(redis, "a", first);
        await using var toSecond = await SubscribeAsync(redis, "a", second);
        await using var end = await SubscribeAsync(redis, "end", new RecordingSubscriber());

        Assert.Equal(["+", "a:early", "-", "+", "a:between", "a:late"], first.Told);
        Assert.Equal(["+", "-", "+", "a:late"], second.Told);

        static string Message(string text) => $">3\r\n+message\r\n+a\r\n+{text}\r\n";
    }

    [Theory]
    [InlineData(">3 +sunsubscribe +x :0", "+PONG")]
    [InlineData(">3 +sunsubscribe +x :0 -MOVED_1_127.0.0.1:1", "+PONG")]
    [InlineData(">3 +sunsubscribe +x :0 -CLUSTERDOWN_Hash_slot_not_served", "+PONG")]
    [InlineData(">3 +sunsubscribe +x :0 >3 +sunsubscribe +x :0", "+PONG")]
    [InlineData("-MOVED_1_127.0.0.1:1", "+PONG")]
    [InlineData("-NOPERM_no_permission", "+PONG")]
    [InlineData(">3 +sunsubscribe +x :0", "-NOPERM_no_permission")]
    [InlineData(">3 +sunsubscribe +x :0 -MOVED_1_127.0.0.1:1", "-NOPERM_no_permission")]
    public async Task The_end_of_a_subscription_whose_slot_moves_meanwhile_costs_no_other(string ended, string pong)
    {
        foreach (var isResp3 in (bool[])[true, false])
        {
            await using var server = new ScriptedServer(command => ScriptedServer.Login(command) ?? Spoken(isResp3, command switch
            {
                "SUNSUBSCRIBE x" => Lines(ended),
                "PING" => isResp3 || pong[0] == '-' ? Lines(pong) : Lines(">2 +pong +"),
                "SSUBSCRIBE z" => Confirmation(command) + Lines(">3 +smessage +y +hi"),
                "CLIENT SETNAME rawws" => Lines("+OK"),
                _ => Confirmation(command),
            }));
            var options = Options(server);
            options.PreferResp3 = isResp3;
            await using var redis = new RedisClient(options);
            var (left, other) = (new RecordingSubscriber(), new RecordingSubscriber());
            var toLeft = await SubscribeAsync(redis, "x", left, RedisChannelKind.Shard);
            await using var toOther = await SubscribeAsync(redis, "y", other, RedisChannelKind.Shard);

            await toLeft.DisposeAsync();
            await using var again = await SubscribeAsync(redis, "x", left, RedisChannelKind.Shard);
            await using var next = await SubscribeAsync(redis, "z", new RecordingSubscriber(), RedisChannelKind.Shard);
            await Eventually.HoldsAsync(() => other.Told.Length >= 2);

            Assert.Equal(["+", "y:hi"], other.Told);
            Assert.Equal(["+", "+"], left.Told);
            Assert.Null(redis.LastFailure);
        }

        static string Lines(string words) => string.Concat(words.Split(' ').Select(static word => $"{word.Replace('_', ' ')}\r\n"));
        static string Spoken(bool isResp3, string answer) => isResp3 ? answer : answer.Replace('>', '*');
    }

    [Fact]
    public async Task A_subscription_that_a_server_ends_behind_the_others_that_wait_is_not_taken_for_one_of_them()
    {
        using var release = new SemaphoreSlim(0);
        await using var server = new ScriptedServer(command =>
        {
            if (command == "SSUBSCRIBE y")
                release.Wait(LongestWait);

            return ScriptedServer.Login(command) ?? command switch
            {
                "SSUBSCRIBE y" => $">3\r\n+sunsubscribe\r\n+x\r\n:0\r\n{Confirmation(command)}",
                "SUNSUBSCRIBE x" => "-MOVED 1 127.0.0.1:1\r\n",
                _ => Confirmation(command),
            };
        });
        await using var redis = new RedisClient(Options(server));
        var other = new RecordingSubscriber();
        var toLeft = await SubscribeAsync(redis, "x", new RecordingSubscriber(), RedisChannelKind.Shard);
        await using var toOther = redis.Subscribe(new RedisChannel("y", RedisChannelKind.Shard), other);

        await toLeft.DisposeAsync();
        release.Release();
        await using var next = await SubscribeAsync(redis, "z", new RecordingSubscriber(), RedisChannelKind.Shard);

        Assert.Equal(["+"], other.Told);
        Assert.Null(redis.LastFailure);
    }

    private static string Confirmation(string command) => command.Split(' ') is [var kind, var channel] ? $">3\r\n+{kind.ToLowerInvariant()}\r\n+{channel}\r\n:1\r\n" : "+PONG\r\n";

    private static RedisOptions Options(ScriptedServer server)
    {
        var options = RedisOptions.Parse($"127.0.0.1:{server.Port}");
        (options.MinReconnectDelay, options.MaxReconnectDelay) = (TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(20));
        (options.ConnectTimeout, options.CommandTimeout, options.KeepAliveInterval) = (LongestWait, LongestWait, LongestWait);
        return options;
    }

    private static async Task<IRedisSubscription> SubscribeAsync(RedisClient redis, string channel, RecordingSubscriber subscriber, RedisChannelKind kind = RedisChannelKind.Channel)
    {
        var subscription = redis.Subscribe(new RedisChannel(channel, kind), subscriber);
        await subscription.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);
        return subscription;
    }
}
