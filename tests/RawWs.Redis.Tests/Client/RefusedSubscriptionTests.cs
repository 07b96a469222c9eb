using System.Collections.Concurrent;
using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Client;

/// <summary>Subscriptions that a server refuses, and what becomes of them when it takes them after all: against a server that answers what a test makes of it, by a clock that is moved by hand.</summary>
public sealed class RefusedSubscriptionTests : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private readonly ManualTimeProvider _time = new();
    private readonly RecordingLoggerFactory _log = new();
    private readonly ConcurrentDictionary<string, string> _refusals = new();
    private readonly ConcurrentQueue<(string Channel, TimeSpan At)> _asked = new();

    public void Dispose() => _log.Dispose();

    [Theory]
    [InlineData(RedisChannelKind.Channel, false)]
    [InlineData(RedisChannelKind.Pattern, false)]
    [InlineData(RedisChannelKind.Shard, false)]
    [InlineData(RedisChannelKind.Shard, true)]
    public async Task What_is_refused_is_asked_for_again_on_the_same_connection_until_it_is_taken_and_nobody_else_hears_of_it(RedisChannelKind kind, bool isCluster)
    {
        await using var server = NewServer();
        await using var redis = NewClient(server, isCluster);
        var (first, other) = (new RecordingSubscriber(), new RecordingSubscriber());
        _refusals["a"] = "NOPERM no";
        await using var toOther = redis.Subscribe(new RedisChannel("b", kind), other);
        await toOther.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);
        await using var refused = redis.Subscribe(new RedisChannel("a", kind), first);
        var error = await Assert.ThrowsAsync<RedisErrorException>(() => refused.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait));
        Assert.Equal("NOPERM no", error.Message);

        await Eventually.CompletesAsync(_time, Eventually.HoldsAsync(() => CountAsked("a") >= 4));
        Assert.False(refused.IsConfirmed);
        Assert.Empty(first.Told);

        _refusals.Clear();
        await Eventually.CompletesAsync(_time, Eventually.HoldsAsync(() => refused.IsConfirmed));
        await refused.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);
        await Eventually.HoldsAsync(() => first.Told is ["+"]);

        // That is all: neither is it asked for any more, nor was anything else.
        var askedCount = CountAsked("a");
        _time.Advance(TimeSpan.FromMinutes(10));
        await AnsweredAsync(redis, kind);
        Assert.Equal(askedCount, CountAsked("a"));
        Assert.Equal(1, CountAsked("b"));
        Assert.Equal(["+"], other.Told);
        Assert.Equal(2, server.Commands.Count(static command => command.StartsWith("HELLO", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task It_is_asked_for_every_MaxReconnectDelay_however_many_are_refused()
    {
        await using var server = NewServer();
        await using var redis = NewClient(server);
        foreach (var channel in (string[])["a", "b", "c"])
        {
            _refusals[channel] = "NOPERM no";
            _ = redis.Subscribe(new RedisChannel(channel), new RecordingSubscriber());
        }

        for (var round = 1; round <= 5; round++)
        {
            await Eventually.HoldsAsync(() => _asked.Count == 3 * round);
            await AnsweredAsync(redis);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.All(_asked.Take(15).Chunk(3).Index(), static round =>
        {
            Assert.Equal(["a", "b", "c"], round.Item.Select(static each => each.Channel));
            Assert.All(round.Item, each => Assert.Equal(TimeSpan.FromSeconds(5 * round.Index), each.At));
        });
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_waits_later_is_told_what_was_said_last(bool isCluster)
    {
        await using var server = NewServer();
        await using var redis = NewClient(server, isCluster);
        _refusals["a"] = "NOPERM no";
        await using var subscription = redis.Subscribe(new RedisChannel("a"), new RecordingSubscriber());
        Assert.Equal("NOPERM no", await RefusalAsync());
        Assert.Equal("NOPERM no", await RefusalAsync());

        _refusals["a"] = "ERR never";
        await AskedAgainAsync(redis);
        Assert.Equal("ERR never", await RefusalAsync());

        _refusals.Clear();
        await AskedAgainAsync(redis);
        await subscription.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);

        async Task<string> RefusalAsync() => (await Assert.ThrowsAsync<RedisErrorException>(() => subscription.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait))).Message;
    }

    [Fact]
    public async Task What_is_refused_for_the_moment_when_it_is_asked_for_again_interrupts_nobody_and_is_waited_for()
    {
        await using var server = NewServer();
        await using var redis = NewClient(server);
        var other = new RecordingSubscriber();
        _refusals["a"] = "NOPERM no";
        await using var toOther = redis.Subscribe(new RedisChannel("b"), other);
        await using var refused = redis.Subscribe(new RedisChannel("a"), new RecordingSubscriber());
        await Assert.ThrowsAsync<RedisErrorException>(() => refused.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait));

        _refusals["a"] = "BUSY Redis is busy running a script.";
        await AskedAgainAsync(redis);
        await AskedAgainAsync(redis);
        var confirmed = refused.WaitForConfirmationAsync().AsTask();
        Assert.False(confirmed.IsCompleted);
        _refusals.Clear();
        await AskedAgainAsync(redis);
        await confirmed.WaitAsync(LongestWait);

        Assert.Equal(["+"], other.Told);
        Assert.Null(redis.LastFailure);
    }

    [Fact]
    public async Task What_nobody_wants_any_more_is_not_asked_for_again()
    {
        await using var server = NewServer();
        await using var redis = NewClient(server);
        (_refusals["a"], _refusals["b"]) = ("NOPERM no", "NOPERM no");
        var left = redis.Subscribe(new RedisChannel("a"), new RecordingSubscriber());
        await using var refused = redis.Subscribe(new RedisChannel("b"), new RecordingSubscriber());
        await Assert.ThrowsAsync<RedisErrorException>(() => refused.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait));

        await left.DisposeAsync();
        await AskedAgainAsync(redis, "b");

        Assert.Equal((1, 2), (CountAsked("a"), CountAsked("b")));
    }

    [Fact]
    public async Task What_is_refused_is_asked_for_once_on_the_next_connection_and_then_later_again()
    {
        await using var server = NewServer();
        await using var redis = NewClient(server);
        _refusals["a"] = "NOPERM no";
        await using var refused = redis.Subscribe(new RedisChannel("a"), new RecordingSubscriber());
        await Assert.ThrowsAsync<RedisErrorException>(() => refused.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait));

        // The server ends the connection.
        await using (redis.Subscribe(new RedisChannel("end"), new RecordingSubscriber()))
            await Eventually.HoldsAsync(() => redis.LastFailure is not null);

        await Eventually.CompletesAsync(_time, Eventually.HoldsAsync(() => CountAsked("a") == 2));
        await AnsweredAsync(redis);
        Assert.Equal(2, CountAsked("a"));
        await AskedAgainAsync(redis);
        Assert.Equal(3, CountAsked("a"));
    }

    [Fact]
    public async Task Refusals_are_logged_every_ten_seconds_at_most_however_many_there_are()
    {
        await using var server = NewServer();
        await using var redis = NewClient(server);
        foreach (var channel in (string[])["a", "b", "c"])
        {
            _refusals[channel] = "NOPERM no";
            _ = redis.Subscribe(new RedisChannel(channel), new RecordingSubscriber());
        }

        await Eventually.HoldsAsync(() => _asked.Count == 3);
        await AnsweredAsync(redis);
        Assert.Equal(["Error: Redis refuses the subscription to a, and it is asked for again: NOPERM no (1 since the last such message) "], Lines());

        await AskedAgainAsync(redis);
        Assert.Single(Lines());
        await AskedAgainAsync(redis);
        Assert.EndsWith("(6 since the last such message) ", Lines()[1], StringComparison.Ordinal);
        Assert.Equal(2, Lines().Length);

        string[] Lines() => [.. _log.AboveDebug.Where(static line => line.Contains("refuses", StringComparison.Ordinal))];
    }

    /// <summary>Lets the time pass until what was refused is asked for again, and waits for what follows from the answer.</summary>
    private async Task AskedAgainAsync(IRedisClient redis, string channel = "a")
    {
        var before = CountAsked(channel);
        _time.Advance(TimeSpan.FromSeconds(5));
        await Eventually.HoldsAsync(() => CountAsked(channel) > before);
        await AnsweredAsync(redis);
    }

    // What is asked behind it is confirmed behind it.
    private static async Task AnsweredAsync(IRedisClient redis, RedisChannelKind kind = RedisChannelKind.Channel)
    {
        await using var behind = redis.Subscribe(new RedisChannel("behind", kind), new RecordingSubscriber());
        await behind.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);
    }

    private int CountAsked(string channel) => _asked.Count(each => each.Channel == channel);

    private ScriptedServer NewServer() => new((command, port) =>
    {
        if (command == "CLUSTER SLOTS")
            return $"*1\r\n{ScriptedServer.Slots(0, 16_383, "", port)}";

        if (ScriptedServer.Login(command) is { } welcome)
            return welcome;

        if (command.Split(' ') is not [var kind, var channel])
            return "+PONG\r\n";

        if (channel == "end")
            return null;

        if (channel != "behind" && !kind.Contains("UNSUBSCRIBE", StringComparison.Ordinal))
            _asked.Enqueue((channel, _time.GetUtcNow() - new ManualTimeProvider().GetUtcNow()));

        return _refusals.TryGetValue(channel, out var refusal) ? $"-{refusal}\r\n" : $">3\r\n+{kind.ToLowerInvariant()}\r\n+{channel}\r\n:1\r\n";
    });

    private IRedisClient NewClient(ScriptedServer server, bool isCluster)
    {
        if (!isCluster)
            return NewClient(server);

        var options = Options(server);
        options.ClusterEndPoints = [new(options.Host, options.Port)];
        return new RedisClusterClient(options);
    }

    private RedisClient NewClient(ScriptedServer server) => new(Options(server));

    private RedisOptions Options(ScriptedServer server)
    {
        var options = RedisOptions.Parse($"127.0.0.1:{server.Port}");
        (options.TimeProvider, options.LoggerFactory, options.MaxReconnectDelay) = (_time, _log, TimeSpan.FromSeconds(5));
        options.ConnectTimeout = options.CommandTimeout = options.KeepAliveInterval = TimeSpan.FromDays(1);
        return options;
    }
}
