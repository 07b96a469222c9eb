using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Client;

/// <summary>The client for clusters against servers that tell nonsense of who has which slot, or send it in a circle.</summary>
public sealed class HostileClusterTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_server_that_does_not_know_its_own_name_is_the_one_that_was_asked()
    {
        await using var other = new ScriptedServer(static command => ScriptedServer.Login(command) ?? "+there\r\n");
        await using var server = NewServer((command, port) => command switch
        {
            "CLUSTER SLOTS" => $"*2\r\n{ScriptedServer.Slots(0, 99, "", port)}{ScriptedServer.Slots(100, 16_383, null, port)}",
            "GET b" => $"-MOVED 3300 :{other.Port}\r\n",
            _ => "+here\r\n",
        });
        await using var redis = await ConnectAsync(server);

        Assert.Equal("here", (await redis.ExecuteAsync(new RedisCommand("GET", "a"))).ToText());
        Assert.Equal("there", (await redis.ExecuteAsync(new RedisCommand("GET", "b"))).ToText());
    }

    [Theory]
    [InlineData("+OK\r\n")]
    [InlineData("*0\r\n")]
    [InlineData("$-1\r\n")]
    [InlineData("*1\r\n*3\r\n:0\r\n:16384\r\n*2\r\n$9\r\n127.0.0.1\r\n:1\r\n")]
    [InlineData("*1\r\n*3\r\n:-1\r\n:1\r\n*2\r\n$9\r\n127.0.0.1\r\n:1\r\n")]
    [InlineData("*1\r\n*3\r\n:9\r\n:1\r\n*2\r\n$9\r\n127.0.0.1\r\n:1\r\n")]
    [InlineData("*1\r\n*3\r\n:0\r\n:9223372036854775807\r\n*2\r\n$9\r\n127.0.0.1\r\n:1\r\n")]
    [InlineData("*2\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:1\r\n*3\r\n:5\r\n:5\r\n*2\r\n$9\r\n127.0.0.1\r\n:1\r\n")]
    [InlineData("*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n$9\r\n127.0.0.1\r\n:65536\r\n")]
    [InlineData("*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n$1\r\n?\r\n:6379\r\n")]
    [InlineData("*1\r\n*3\r\n:0\r\n:1\r\n*2\r\n$5\r\na b/c\r\n:6379\r\n")]
    [InlineData("*1\r\n*2\r\n:0\r\n:1\r\n")]
    [InlineData("-ERR This instance has cluster support disabled\r\n")]
    [InlineData("-NOPERM no\r\n")]
    public async Task Slots_that_make_no_sense_are_not_believed_and_are_asked_for_again(string nonsense)
    {
        var isGood = false;
        await using var server = NewServer((command, port) => command != "CLUSTER SLOTS" ? "+fine\r\n" : Volatile.Read(ref isGood) ? $"*1\r\n{ScriptedServer.Slots(0, 16_383, "", port)}" : nonsense);
        await using var redis = new RedisClusterClient(Options(server));
        await Eventually.HoldsAsync(() => server.Commands.Count(static command => command == "CLUSTER SLOTS") >= 2);

        Assert.False(redis.IsConnected);
        await Assert.ThrowsAsync<RedisUnavailableException>(async () => await redis.ExecuteAsync(new RedisCommand("GET", "a")));
        Volatile.Write(ref isGood, true);
        await redis.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);
        Assert.Equal("fine", (await redis.ExecuteAsync(new RedisCommand("GET", "a"))).ToText());
    }

    [Theory]
    [InlineData("-MOVED 15495 :{0}\r\n", "MOVED", 6)]
    [InlineData("-ASK 15495 :{0}\r\n", "ASK", 6)]
    [InlineData("-MOVED 15495 nowhere\r\n", "MOVED", 1)]
    [InlineData("-MOVED 16384 127.0.0.1:1\r\n", "MOVED", 1)]
    [InlineData("-MOVED -1 127.0.0.1:1\r\n", "MOVED", 1)]
    [InlineData("-MOVED 1 ?:6379\r\n", "MOVED", 1)]
    [InlineData("-MOVED 1 127.0.0.1:0\r\n", "MOVED", 1)]
    [InlineData("-MOVED\r\n", "MOVED", 1)]
    [InlineData("-TRYAGAIN later\r\n", "TRYAGAIN", 1)]
    [InlineData("-CLUSTERDOWN The cluster is down\r\n", "CLUSTERDOWN", 1)]
    public async Task Whoever_is_sent_in_a_circle_or_away_is_told_and_slots_are_not_asked_for_all_the_time(string answer, string code, int attempts)
    {
        await using var server = NewServer((command, port) => command switch
        {
            "CLUSTER SLOTS" => $"*1\r\n{ScriptedServer.Slots(0, 16_383, "", port)}",
            "GET a" => string.Format(System.Globalization.CultureInfo.InvariantCulture, answer, port),
            _ => "+OK\r\n",
        });
        await using var redis = new RedisClusterClient(Options(server, new ManualTimeProvider()));
        await redis.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);
        var known = server.Commands.Count(static command => command == "CLUSTER SLOTS");

        for (var round = 1; round <= 20; round++)
        {
            Assert.Equal(code, (await Assert.ThrowsAsync<RedisErrorException>(async () => await redis.ExecuteAsync(new RedisCommand("GET", "a")))).Code);
            Assert.Equal(round * attempts, server.Commands.Count(static command => command == "GET a"));
        }

        // The clock stands still: at most what was due already.
        Assert.InRange(server.Commands.Count(static command => command == "CLUSTER SLOTS") - known, 0, 2);
    }

    [Fact]
    public async Task What_is_about_no_key_is_about_the_same_master_in_whatever_order_masters_are_named()
    {
        var told = 0;
        await using var other = new ScriptedServer(static command => ScriptedServer.Login(command) ?? "*0\r\n");
        await using var server = NewServer((command, port) => command != "CLUSTER SLOTS"
            ? "*0\r\n"
            : $"*2\r\n{string.Concat(InTurn(Interlocked.Increment(ref told), ScriptedServer.Slots(0, 8_000, "", port), ScriptedServer.Slots(8_001, 16_383, "127.0.0.1", other.Port)))}");
        await using var redis = await ConnectAsync(server, static options => options.KeepAliveInterval = TimeSpan.FromMilliseconds(20));

        // When slots have been told so often, they have been learnt twice more.
        var cursors = Enumerable.Range(0, 4).Select(static number => 1_000 * number).ToArray();
        foreach (var cursor in cursors)
        {
            await redis.ExecuteAsync(new RedisCommand("SCAN", cursor));
            var before = Volatile.Read(ref told);
            await Eventually.HoldsAsync(() => Volatile.Read(ref told) >= before + 3);
            await redis.ExecuteAsync(new RedisCommand("SCAN", 500 + cursor));
        }

        int[] counts = [.. ((ScriptedServer[])[server, other]).Select(static each => each.Commands.Count(static command => command.StartsWith("SCAN", StringComparison.Ordinal)))];
        Assert.Equal([0, 2 * cursors.Length], counts.Order());

        static string[] InTurn(int turn, string one, string two) => turn % 2 == 0 ? [one, two] : [two, one];
    }

    [Fact]
    public async Task A_subscription_that_is_refused_for_good_leaves_no_word_of_other_servers_unheard()
    {
        var time = new ManualTimeProvider();
        await using var server = NewServer((command, port) => command switch
        {
            "CLUSTER SLOTS" => $"*1\r\n{ScriptedServer.Slots(0, 16_383, "", port)}",
            "GET a" => $"-MOVED 15495 127.0.0.1:{port}\r\n",
            "SUBSCRIBE a" => "-NOPERM no\r\n",
            _ => "+OK\r\n",
        });
        await using var redis = await ConnectAsync(server, options =>
        {
            options.TimeProvider = time;
            (options.MinReconnectDelay, options.MaxReconnectDelay) = (TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(10));
            (options.ConnectTimeout, options.CommandTimeout, options.KeepAliveInterval) = (TimeSpan.FromDays(1), TimeSpan.FromDays(1), TimeSpan.FromDays(1));
        });
        await using var subscription = redis.Subscribe(new RedisChannel("a"), new RecordingSubscriber());
        await Assert.ThrowsAsync<RedisErrorException>(async () => await subscription.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait));

        // Were it still looked for, this would be often, and then ever less.
        await GetAsync();
        await MoveAsync(TimeSpan.FromMinutes(1), steps: 100);
        var asked = CountAsked();
        await GetAsync();
        await MoveAsync(TimeSpan.FromMilliseconds(10), steps: 100);
        await Eventually.HoldsAsync(() => CountAsked() > asked);

        int CountAsked() => server.Commands.Count(static command => command == "CLUSTER SLOTS");

        Task GetAsync() => Assert.ThrowsAsync<RedisErrorException>(async () => await redis.ExecuteAsync(new RedisCommand("GET", "a")));

        async Task MoveAsync(TimeSpan step, int steps)
        {
            for (var count = 0; count < steps; count++)
            {
                time.Advance(step);
                await Task.Delay(TimeSpan.FromMilliseconds(1));
            }
        }
    }

    [Fact]
    public async Task Servers_that_were_named_and_have_no_slot_are_forgotten()
    {
        var named = 0;
        await using var server = NewServer((command, port) => command switch
        {
            "CLUSTER SLOTS" => $"*1\r\n{ScriptedServer.Slots(0, 16_383, "", port)}",
            ['G', ..] => $"-ASK 1 127.0.0.{Interlocked.Increment(ref named) % 250 + 2}:1\r\n",
            _ => "+OK\r\n",
        });
        await using var redis = await ConnectAsync(server, static options => options.KeepAliveInterval = TimeSpan.FromMilliseconds(20));
        using var impatience = new CancellationTokenSource();
        var sent = Enumerable.Range(0, 100).Select(_ => redis.ExecuteAsync(new RedisCommand("GET", "a"), impatience.Token).AsTask()).ToArray();
        await Eventually.HoldsAsync(() => Volatile.Read(ref named) == 100);
        await impatience.CancelAsync();
        foreach (var each in sent)
            await Assert.ThrowsAnyAsync<Exception>(() => each);

        // When slots have been learnt twice.
        await Eventually.HoldsAsync(() => redis.ServerCount == 1);
    }

    [Fact]
    public async Task When_one_server_knows_of_some_slots_only_another_one_is_asked()
    {
        var otherPort = 0;
        await using var server = NewServer((command, port)
            => command == "CLUSTER SLOTS" ? $"*2\r\n{ScriptedServer.Slots(0, 99, "", port)}{ScriptedServer.Slots(100, 199, "127.0.0.1", Volatile.Read(ref otherPort))}" : "+here\r\n");
        await using var other = NewServer((command, port) => command == "CLUSTER SLOTS" ? $"*1\r\n{ScriptedServer.Slots(0, 16_383, "", port)}" : "+there\r\n");
        Volatile.Write(ref otherPort, other.Port);
        await using var redis = await ConnectAsync(server);

        await Eventually.HoldsAsync(() => redis.IsConnected);

        Assert.Equal("there", (await redis.ExecuteAsync(new RedisCommand("GET", "a"))).ToText());
    }

    [Fact]
    public async Task When_nobody_answers_of_those_that_have_been_told_the_servers_that_were_named_at_first_are_asked_again()
    {
        await using var next = NewServer((command, port) => command == "CLUSTER SLOTS" ? $"*1\r\n{ScriptedServer.Slots(0, 16_383, "", port)}" : "+next\r\n");
        var first = NewServer((command, port) => command == "CLUSTER SLOTS" ? $"*1\r\n{ScriptedServer.Slots(0, 16_383, "", port)}" : "+first\r\n");
        var master = first.Port;
        await using var seed = NewServer((_, _) => $"*1\r\n{ScriptedServer.Slots(0, 16_383, "127.0.0.1", Volatile.Read(ref master))}");
        await using var redis = await ConnectAsync(seed);
        Assert.Equal("first", (await redis.ExecuteAsync(new RedisCommand("GET", "a"))).ToText());
        await Eventually.HoldsAsync(() => redis.ServerCount == 1);

        Volatile.Write(ref master, next.Port);
        await first.DisposeAsync();

        // The connection to the next one is made with its login.
        await Eventually.HoldsAsync(() => !next.Commands.IsEmpty && redis.IsConnected);
        Assert.Equal("next", (await redis.ExecuteAsync(new RedisCommand("GET", "a"))).ToText());
    }

    [Fact]
    public async Task A_server_that_does_not_tell_its_slots_is_left_out_and_the_next_one_is_asked()
    {
        var (isMuting, mute, first, second, told) = (false, 0, 0, 0, 0);
        string? Answer(string command, int port)
        {
            // Whoever is asked first says nothing any more.
            if (command == "CLUSTER SLOTS" && Volatile.Read(ref isMuting) && Interlocked.CompareExchange(ref mute, port, 0) is var known && known != 0 && known != port)
                Interlocked.Increment(ref told);

            return Volatile.Read(ref mute) == port ? ""
                : command == "CLUSTER SLOTS" ? $"*2\r\n{ScriptedServer.Slots(0, 99, "127.0.0.1", Volatile.Read(ref first))}{ScriptedServer.Slots(100, 16_383, "127.0.0.1", Volatile.Read(ref second))}"
                : ScriptedServer.Login(command) ?? "+PONG\r\n";
        }

        await using var one = new ScriptedServer(Answer);
        await using var other = new ScriptedServer(Answer);
        Volatile.Write(ref first, one.Port);
        Volatile.Write(ref second, other.Port);
        var time = new ManualTimeProvider();
        var options = Options(one, time);
        options.KeepAliveInterval = TimeSpan.FromSeconds(10);
        await using var redis = new RedisClusterClient(options);
        await redis.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);

        Volatile.Write(ref isMuting, true);
        await Eventually.CompletesAsync(time, Eventually.HoldsAsync(() => Volatile.Read(ref mute) != 0));

        // One leap: the connection itself is looked at twice before it is given up.
        time.Advance(LongestWait);
        await Eventually.HoldsAsync(() => Volatile.Read(ref told) > 0);
    }

    private static ScriptedServer NewServer(Func<string, int, string> answer) => new((command, port) => ScriptedServer.Login(command) ?? answer(command, port));

    private static RedisOptions Options(ScriptedServer server, TimeProvider? time = null)
    {
        var options = RedisOptions.Parse($"127.0.0.1:{server.Port}?cluster");
        (options.MinReconnectDelay, options.MaxReconnectDelay) = (TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(50));
        (options.ConnectTimeout, options.CommandTimeout, options.KeepAliveInterval) = (LongestWait, LongestWait, LongestWait);
        options.TimeProvider = time ?? TimeProvider.System;
        return options;
    }

    private static async Task<RedisClusterClient> ConnectAsync(ScriptedServer server, Action<RedisOptions>? configure = null)
    {
        var options = Options(server);
        configure?.Invoke(options);
        var client = new RedisClusterClient(options);
        await client.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);
        return client;
    }
}
