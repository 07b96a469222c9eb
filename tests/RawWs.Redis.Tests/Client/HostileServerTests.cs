using System.Collections.Concurrent;
using RawWs.Redis.Client;
using RawWs.Redis.SocketIO;
using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Client;

/// <summary>The client against servers that answer too much, in the wrong order, nonsense, or never.</summary>
public sealed class HostileServerTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("+OK\r\n+too much\r\n", "an answer came that nobody had asked for")]
    [InlineData("HTTP/1.1 400 Bad Request\r\n", "a value has a type that there is none of")]
    [InlineData("$99999999999\r\n", "a string is too long")]
    [InlineData("*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n", "too many collections within collections")]
    [InlineData(null, "Redis has closed the connection.")]
    public async Task What_can_not_be_made_sense_of_ends_the_connection_and_the_next_one_is_used(string? answer, string reason)
    {
        var isFirst = true;
        await using var server = new ScriptedServer(command => ScriptedServer.Login(command) ?? (Interlocked.Exchange(ref isFirst, false) ? answer : "+fine\r\n"));
        await using var redis = await ConnectAsync(server);

        // The first is answered, if its answer is one, or told that it is lost.
        await Record.ExceptionAsync(async () => await redis.ExecuteAsync(new RedisCommand("GET", "one")));
        await Eventually.HoldsAsync(() => redis.LastFailure?.Message.Contains(reason, StringComparison.Ordinal) == true);
        await redis.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);
        Assert.Equal("fine", (await redis.ExecuteAsync(new RedisCommand("GET", "two"))).ToText());
    }

    [Fact]
    public async Task A_confirmation_of_another_channel_than_the_one_whose_turn_it_is_ends_the_connection()
    {
        var subscriptions = 0;
        await using var server = new ScriptedServer(command => ScriptedServer.Login(command) ?? command switch
        {
            "SUBSCRIBE a" when Interlocked.Increment(ref subscriptions) == 1 => ">3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:1\r\n",
            _ => $">3\r\n$9\r\nsubscribe\r\n$1\r\n{command[^1]}\r\n:1\r\n>3\r\n$7\r\nmessage\r\n$1\r\n{command[^1]}\r\n$2\r\nhi\r\n",
        });
        await using var redis = await ConnectAsync(server);
        var subscriber = new RecordingSubscriber();
        await using var subscription = redis.Subscribe(new RedisChannel("a"), subscriber);

        await subscription.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);
        await Eventually.HoldsAsync(() => subscriber.Told.Length == 2);

        Assert.Equal(["+", "a:hi"], subscriber.Told);
        Assert.Equal(2, subscriptions);
        Assert.Contains("a subscription was answered with something else", redis.LastFailure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_nobody_asked_for_and_pushes_between_answers_are_no_answers()
    {
        await using var server = new ScriptedServer(command => ScriptedServer.Login(command)
            ?? $">2\r\n+invalidate\r\n*1\r\n+key\r\n|1\r\n+ttl\r\n:1\r\n+{command}\r\n>3\r\n+message\r\n+x\r\n+y\r\n");
        await using var redis = await ConnectAsync(server);

        for (var number = 0; number < 3; number++)
            Assert.Equal($"GET {number}", (await redis.ExecuteAsync(new RedisCommand("GET", number))).ToText());

        Assert.True(redis.IsConnected);
        Assert.Null(redis.LastFailure);
    }

    [Fact]
    public async Task A_server_that_never_answers_is_left_and_what_waits_is_told_and_bounded()
    {
        // But to the login: that it is asked later what it is gets no answer either.
        await using var server = new ScriptedServer(command => command == "HELLO 3" ? "" : ScriptedServer.Login(command) ?? "");
        var time = new ManualTimeProvider();
        await using var redis = await ConnectAsync(server, options => (options.TimeProvider, options.MaxPendingCount, options.KeepAliveInterval) = (time, 3, TimeSpan.FromSeconds(5)));
        var waiting = Enumerable.Range(0, 3).Select(number => redis.ExecuteAsync(new RedisCommand("GET", number)).AsTask()).ToArray();

        var refused = await Assert.ThrowsAsync<RedisUnavailableException>(async () => await redis.ExecuteAsync(new RedisCommand("GET", 3)));
        Assert.Contains("MaxPendingCount", refused.Message, StringComparison.Ordinal);

        var errors = Task.WhenAll(waiting.Select(each => Assert.ThrowsAsync<RedisUnavailableException>(() => each)));
        await Eventually.CompletesAsync(time, errors);
        Assert.All(await errors, error => Assert.Contains("Redis has not answered for 60 s", error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("GET 3", server.Commands);
    }

    [Fact]
    public async Task A_command_that_is_too_large_for_what_may_wait_is_refused_and_others_are_not()
    {
        await using var server = new ScriptedServer(command => ScriptedServer.Login(command) ?? "+fine\r\n");
        await using var redis = await ConnectAsync(server, options => options.MaxPendingSize = 1_000);

        var refused = await Assert.ThrowsAsync<RedisUnavailableException>(async () => await redis.SetAsync("key", new byte[1_000]));
        Assert.Contains("MaxPendingSize", refused.Message, StringComparison.Ordinal);
        Assert.True(await redis.SetAsync("key", new byte[100]));
    }

    [Fact]
    public async Task Who_stops_waiting_costs_nobody_an_answer()
    {
        using var release = new SemaphoreSlim(0);
        await using var server = new ScriptedServer(command =>
        {
            if (command == "GET slow")
                release.Wait(LongestWait);

            return ScriptedServer.Login(command) ?? $"+{command}\r\n";
        });
        await using var redis = await ConnectAsync(server);
        using var impatience = new CancellationTokenSource();
        var slow = redis.ExecuteAsync(new RedisCommand("GET", "slow"), impatience.Token).AsTask();
        var next = redis.ExecuteAsync(new RedisCommand("GET", "next")).AsTask();

        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow);
        release.Release();
        Assert.Equal("GET next", (await next).ToText());
    }

    [Fact]
    public async Task A_server_before_RESP3_is_spoken_to_in_RESP2_and_what_it_repeats_of_the_login_is_not_logged()
    {
        var log = new RecordingLoggerFactory();
        await using var server = new ScriptedServer(command => command.Split(' ')[0] switch
        {
            "HELLO" => $"-ERR unknown command `HELLO`, with args beginning with: {command}\r\n",
            "AUTH" => command == "AUTH s3cret" ? "+OK\r\n" : "-ERR invalid password\r\n",
            _ => "+OK\r\n",
        });
        await using var redis = await ConnectAsync(server, options => (options.Password, options.LoggerFactory) = ("s3cret", log));

        Assert.Equal(["HELLO 3 AUTH default s3cret SETNAME rawws", "AUTH s3cret", "CLIENT SETNAME rawws"], server.Commands);
        Assert.DoesNotContain(log.Entries, entry => entry.Message.Contains("s3cret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whoever_waits_for_a_client_that_is_disposed_is_told()
    {
        await using var server = new ScriptedServer(command => ScriptedServer.Login(command) ?? "");
        var redis = await ConnectAsync(server);
        var waiting = redis.ExecuteAsync(new RedisCommand("GET", "key")).AsTask();
        var subscription = redis.Subscribe(new RedisChannel("a"), new RecordingSubscriber());
        var confirmation = subscription.WaitForConfirmationAsync().AsTask();

        await redis.DisposeAsync();
        await redis.DisposeAsync();

        await Assert.ThrowsAsync<RedisUnavailableException>(() => waiting);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => confirmation);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await redis.ExecuteAsync(new RedisCommand("GET", "key")));
        Assert.Throws<ObjectDisposedException>(() => redis.Subscribe(new RedisChannel("a"), new RecordingSubscriber()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\0")]
    [InlineData("a..b")]
    public async Task A_name_that_can_be_none_is_tried_again_like_one_that_leads_nowhere(string host)
    {
        var log = new RecordingLoggerFactory();
        var options = new RedisOptions { Host = host, LoggerFactory = log };
        (options.MinReconnectDelay, options.MaxReconnectDelay) = (TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(20));
        await using var redis = new RedisClient(options);

        await Eventually.HoldsAsync(() => log.AboveDebug.Count() > 1);
        Assert.NotNull(redis.LastFailure);
        Assert.All(log.AboveDebug, static line => Assert.Contains("There is no connection to Redis", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_stream_whose_end_lies_before_what_is_in_it_is_not_asked_for_without_end()
    {
        // The newest entry lies before one that is there: as if each command went to another server.
        var looks = 0;
        await using var server = new ScriptedServer(command => ScriptedServer.Login(command) ?? command switch
        {
            "XREVRANGE s + - COUNT 1" => Entry(Interlocked.Increment(ref looks) == 1 ? "5-0" : "3-0"),
            "XREVRANGE s + - COUNT 100" => Entry("5-0"),
            ['G', 'E', 'T', ..] => "+fine\r\n",
            _ => "*0\r\n",
        });
        var time = new ManualTimeProvider();
        await using var redis = await ConnectAsync(server, options => options.TimeProvider = time);
        ((IOrderedRedisClient)redis).Follow("s", readCount: 100, TimeSpan.FromSeconds(1), new NoFollower());
        await Eventually.HoldsAsync(() => server.Commands.Contains("XREVRANGE s + - COUNT 100"));

        // It waits for the clock, however much else is asked.
        for (var number = 0; number < 100; number++)
            await redis.ExecuteAsync(new RedisCommand("GET", number));

        Assert.Equal(4, server.Commands.Count(static command => command[0] == 'X'));

        // The last answer is here before somebody waits for the clock.
        await Eventually.CompletesAsync(time, Eventually.HoldsAsync(() => server.Commands.Count(static command => command == "XREVRANGE s + - COUNT 100") >= 2));

        static string Entry(string id) => $"*1\r\n*2\r\n${id.Length}\r\n{id}\r\n*2\r\n$1\r\nf\r\n$1\r\nv\r\n";
    }

    [Theory]
    [InlineData("*0\r\n")]
    [InlineData("_\r\n")]
    public async Task What_is_added_to_a_stream_and_answered_without_an_id_is_given_up(string answer)
    {
        await using var server = new ScriptedServer(command => ScriptedServer.Login(command) ?? (command == "XADD s * f v" ? answer : "*0\r\n"));
        await using var redis = await ConnectAsync(server);
        var dropped = new ConcurrentQueue<string>();
        var outbox = new StreamOutbox(redis, "s", maxCount: 10, maxSize: 1_000, error => dropped.Enqueue(error.Message), static _ => { });
        using var stopping = new CancellationTokenSource();
        var running = outbox.RunAsync(stopping.Token);
        outbox.CatchUp("0-0");
        await outbox.WaitUntilWholeAsync(CancellationToken.None).WaitAsync(LongestWait);

        await outbox.AddAsync(new RedisCommand("XADD", "s", "*", "f", "v"), size: 1, static _ => { }, isKept: true).WaitAsync(LongestWait);
        await Eventually.HoldsAsync(() => dropped.Count == 1);
        Assert.Contains("without an id", Assert.Single(dropped), StringComparison.Ordinal);

        await stopping.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
    }

    [Fact]
    public void What_is_no_id_is_no_entry()
    {
        RespValue[] ids = [.. ((string[])["1-0", "", "-", "1-", "x-1", "1-1-1", $"{new string('0', 60)}1-0", "18446744073709551615-18446744073709551615"]).Select(RespValue.FromText), RespValue.FromInteger(7)];
        var reply = RespValue.FromItems([.. ids.Select(static id => RespValue.FromItems(id, RespValue.FromItems()))]);

        Assert.Equal(["1-0", "18446744073709551615-18446744073709551615"], RedisStreamEntry.ListOf(reply).Select(static entry => entry.Id));
    }

    [Fact]
    public void Attempts_come_at_growing_intervals_that_are_never_the_same_for_all()
    {
        var delay = new RawWs.Redis.Client.ReconnectDelay(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
        for (var round = 0; round < 2; round++)
        {
            foreach (var longest in (double[])[1, 2, 4, 8, 10, 10])
                Assert.InRange(delay.Next().TotalSeconds, longest / 2, longest);

            delay.Reset();
        }

        Assert.True(Enumerable.Range(0, 100).Select(_ => delay.Next()).Distinct().Count() > 1);
    }

    private static async Task<RedisClient> ConnectAsync(ScriptedServer server, Action<RedisOptions>? configure = null)
    {
        var options = RedisOptions.Parse($"127.0.0.1:{server.Port}");
        (options.MinReconnectDelay, options.MaxReconnectDelay) = (TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(20));
        (options.ConnectTimeout, options.CommandTimeout, options.KeepAliveInterval) = (TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60));
        configure?.Invoke(options);
        var client = new RedisClient(options);
        await client.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);
        return client;
    }

    private sealed class NoFollower : IStreamFollower
    {
        public void OnEntry(RedisStreamEntry entry)
        {
        }

        public void OnCaughtUp(string last)
        {
        }

        public void OnGoneBack(string last)
        {
        }

        public void OnInterrupted()
        {
        }
    }
}
