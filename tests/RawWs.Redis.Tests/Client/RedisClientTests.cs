using System.Text;
using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Client;

/// <summary>The client against a real Redis.</summary>
public sealed class RedisClientTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Keys_channels_and_streams_work_over_RESP3_and_RESP2(bool preferResp3)
    {
        await using var rig = await RedisRig.StartAsync();
        await using var redis = await rig.ConnectAsync(options => options.PreferResp3 = preferResp3);
        Assert.Contains($"over RESP{(preferResp3 ? 3 : 2)}", Assert.Single(rig.Log.AboveDebug), StringComparison.Ordinal);

        // Keys.
        Assert.Null(await redis.GetAsync("key"));
        Assert.True(await redis.SetAsync("key", Bytes("value"), TimeSpan.FromMinutes(5), onlyIfNew: true));
        Assert.False(await redis.SetAsync("key", Bytes("other"), onlyIfNew: true));
        Assert.Equal("value", TextOf((await redis.GetAsync("key"))!.Value));
        Assert.InRange((await redis.ExecuteAsync(new RedisCommand("PTTL", "key"))).ToInteger(), 1, 300_000);
        Assert.True(await redis.DeleteAsync("key"));
        Assert.False(await redis.DeleteAsync("key"));

        // Streams.
        Assert.Null(await redis.ReadLastOfStreamAsync("stream"));
        Assert.Empty(await redis.ReadStreamAfterAsync("stream", "0"));
        var ids = new List<string>();
        for (var number = 0; number < 3; number++)
            ids.Add(await redis.AddToStreamAsync("stream", "f", Bytes($"{number}"), maxLength: 100));

        Assert.Equal(["0", "1", "2"], (await redis.ReadStreamAsync("stream")).Select(entry => TextOf(entry.Fields[1])));
        Assert.Equal(["1", "2"], (await redis.ReadStreamAfterAsync("stream", ids[0])).Select(entry => TextOf(entry.Fields[1])));
        Assert.Equal(["1"], (await redis.ReadStreamAsync("stream", $"({ids[0]}", count: 1)).Select(entry => TextOf(entry.Fields[1])));
        Assert.Equal(ids[2], (await redis.ReadLastOfStreamAsync("stream"))?.Id);

        // Channels.
        var (channel, pattern, shard) = (new RecordingSubscriber(), new RecordingSubscriber(), new RecordingSubscriber());
        await using var toChannel = redis.Subscribe(new RedisChannel("news"), channel);
        await using var toPattern = redis.Subscribe(new RedisChannel("n*", RedisChannelKind.Pattern), pattern);
        await using var toShard = redis.Subscribe(new RedisChannel("news", RedisChannelKind.Shard), shard);
        foreach (var subscription in (IRedisSubscription[])[toChannel, toPattern, toShard])
        {
            await subscription.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);
            Assert.True(subscription.IsConfirmed);
        }

        Assert.Equal(1, await redis.CountSubscriptionsAsync(new RedisChannel("news")));
        Assert.Equal(1, await redis.CountSubscriptionsAsync(new RedisChannel("news", RedisChannelKind.Shard)));
        Assert.Equal(0, await redis.CountSubscriptionsAsync(new RedisChannel("none")));
        Assert.Equal(2, await redis.PublishAsync(new RedisChannel("news"), Bytes("hello")));
        Assert.Equal(1, await redis.PublishAsync(new RedisChannel("news", RedisChannelKind.Shard), Bytes("shard")));
        await Eventually.HoldsAsync(() => channel.Told.Length == 2 && pattern.Told.Length == 2 && shard.Told.Length == 2);
        Assert.Equal(["+", "news:hello"], channel.Told);
        Assert.Equal(["+", "news:hello"], pattern.Told);
        Assert.Equal(["+", "news:shard"], shard.Told);

        await toChannel.DisposeAsync();
        await Eventually.HoldsAsync(() => redis.CountSubscriptionsAsync(new RedisChannel("news")).AsTask().GetAwaiter().GetResult() == 0);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await toChannel.WaitForConfirmationAsync());
    }

    [Fact]
    public async Task Errors_of_Redis_are_exceptions_and_cost_nothing_else()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var redis = await rig.ConnectAsync();
        await redis.SetAsync("key", Bytes("value"));

        var error = await Assert.ThrowsAsync<RedisErrorException>(async () => await redis.AddToStreamAsync("key", "f", Bytes("x")));
        Assert.Equal("WRONGTYPE", error.Code);
        await Assert.ThrowsAsync<RedisErrorException>(async () => await redis.ExecuteAsync(new RedisCommand("NONSENSE")));
        await Assert.ThrowsAsync<ArgumentException>(async () => await redis.ExecuteAsync(new RedisCommand("BLPOP", "list", 0)));
        await Assert.ThrowsAsync<ArgumentException>(async () => await redis.PublishAsync(new RedisChannel("a*", RedisChannelKind.Pattern), Bytes("x")));
        Assert.Equal("value", TextOf((await redis.GetAsync("key"))!.Value));
        Assert.Equal(1, rig.Network.ConnectionCount);
    }

    [Fact]
    public async Task A_transaction_is_executed_as_one_or_not_at_all()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var redis = await rig.ConnectAsync();

        var others = Task.WhenAll(Enumerable.Range(0, 500).Select(_ => redis.ExecuteAsync(new RedisCommand("INCR", "count")).AsTask()));
        var transactions = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(async () =>
            await redis.ExecuteTransactionAsync([new("INCR", "count"), new("INCR", "count"), new("LPUSH", "count", "x")]))));
        await others;

        Assert.All(transactions, each => Assert.Equal(each[0].ToInteger() + 1, each[1].ToInteger()));
        Assert.All(transactions, each => Assert.Equal(RespType.Error, each[2].Type));
        var error = await Assert.ThrowsAsync<RedisErrorException>(async () => await redis.ExecuteTransactionAsync([new("INCR", "count"), new("NONSENSE")]));
        Assert.Equal("EXECABORT", error.Code);
        Assert.Equal("600", TextOf((await redis.GetAsync("count"))!.Value));
    }

    [Fact]
    public async Task Many_callers_share_a_connection_and_each_gets_its_own_answer()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var redis = await rig.ConnectAsync();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(async () =>
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(number => redis.ExecuteAsync(new RedisCommand("ECHO", $"{caller} {number}")).AsTask()));
            Assert.Equal(Enumerable.Range(0, 200).Select(number => $"{caller} {number}"), answers.Select(answer => answer.ToText()!));
        })));

        Assert.Equal(1, rig.Network.ConnectionCount);
    }

    [Fact]
    public async Task Whoever_is_not_answered_is_told_whether_anything_was_sent()
    {
        var isAway = false;
        await using var server = new ScriptedServer(command => Volatile.Read(ref isAway) ? null : ScriptedServer.Login(command));
        await using var redis = new RedisClient(new RedisOptions { Host = "127.0.0.1", Port = server.Port });
        await redis.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);
        Volatile.Write(ref isAway, true);
        Assert.False((await Assert.ThrowsAsync<RedisUnavailableException>(async () => await redis.GetAsync("key"))).IsUnsent);

        await Eventually.HoldsAsync(() => !redis.CanSend);
        Assert.True((await Assert.ThrowsAsync<RedisUnavailableException>(async () => await redis.GetAsync("key"))).IsUnsent);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_user_logs_in_with_a_password_and_selects_a_database(bool preferResp3)
    {
        await using var rig = await RedisRig.StartAsync("--user", "rawws", "on", ">s3cret", "~*", "&*", "+@all", "--requirepass", "other");
        await using (var redis = await rig.ConnectAsync(options => (options.User, options.Password, options.Database, options.PreferResp3, options.ClientName) = ("rawws", "s3cret", 3, preferResp3, "node-1")))
        {
            var info = (await redis.ExecuteAsync(new RedisCommand("CLIENT", "INFO"))).ToText()!;
            Assert.Contains(" user=rawws ", info, StringComparison.Ordinal);
            Assert.Contains(" db=3 ", info, StringComparison.Ordinal);
            Assert.Contains(" name=node-1 ", info, StringComparison.Ordinal);
        }

        await using (var redis = await rig.ConnectAsync(options => (options.Password, options.PreferResp3) = ("other", preferResp3)))
            Assert.Contains(" user=default ", (await redis.ExecuteAsync(new RedisCommand("CLIENT", "INFO"))).ToText(), StringComparison.Ordinal);

        await using var wrong = new RedisClient(rig.Options(options => (options.Password, options.PreferResp3) = ("wr0ng", preferResp3)));
        await Eventually.HoldsAsync(() => wrong.LastFailure is RedisErrorException { Code: "WRONGPASS" });
        Assert.DoesNotContain(rig.Log.Entries, entry => entry.Message.Contains("wr0ng", StringComparison.Ordinal) || entry.Message.Contains("s3cret", StringComparison.Ordinal));
        var unavailable = await Assert.ThrowsAsync<RedisUnavailableException>(async () => await wrong.GetAsync("key"));
        Assert.Contains("WRONGPASS Redis refuses the login", unavailable.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_user_that_needs_no_password_is_logged_in_as_itself_and_not_as_the_default(bool preferResp3)
    {
        await using var rig = await RedisRig.StartAsync("--user", "rawws", "on", "nopass", "~*", "&*", "+@all");
        await using var redis = await rig.ConnectAsync(options => (options.User, options.PreferResp3) = ("rawws", preferResp3));
        Assert.Contains(" user=rawws ", (await redis.ExecuteAsync(new RedisCommand("CLIENT", "INFO"))).ToText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subscription_that_is_not_permitted_is_refused_to_whoever_waits_and_others_go_on()
    {
        await using var rig = await RedisRig.StartAsync("--user", "default", "on", "nopass", "~*", "resetchannels", "&open*", "+@all");
        await using var redis = await rig.ConnectAsync();
        await using var secret = redis.Subscribe(new RedisChannel("secret"), new RecordingSubscriber());
        await using var open = redis.Subscribe(new RedisChannel("open"), new RecordingSubscriber());

        var error = await Assert.ThrowsAsync<RedisErrorException>(async () => await secret.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait));
        Assert.Equal("NOPERM", error.Code);
        Assert.False(secret.IsConfirmed);
        await open.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);
    }

    [Fact]
    public async Task TLS_trusts_the_authorities_it_is_given_and_no_others()
    {
        await using var server = await RedisServerProcess.StartAsync();
        using var authority = new CertificateAuthority();
        using var issued = authority.IssueForServer("localhost");
        await using var network = new ToxicProxy(server.EndPoint, issued);
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, authority.Pem);
            await using var redis = new RedisClient(RedisOptions.Parse($"rediss://{network.Address}?ca={file}"));
            await redis.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);
            Assert.Equal("PONG", (await redis.ExecuteAsync(new RedisCommand("PING"))).ToText());
        }
        finally
        {
            File.Delete(file);
        }

        await using var distrustful = new RedisClient(RedisOptions.Parse($"rediss://{network.Address}"));
        await Eventually.HoldsAsync(() => distrustful.LastFailure is System.Security.Authentication.AuthenticationException);
        Assert.False(distrustful.IsConnected);
    }

    [Fact]
    public async Task What_subscribers_throw_reaches_nobody_else()
    {
        await using var rig = await RedisRig.StartAsync();
        await using var redis = await rig.ConnectAsync();
        var other = new RecordingSubscriber();
        await using var first = redis.Subscribe(new RedisChannel("news"), new ThrowingSubscriber());
        await using var second = redis.Subscribe(new RedisChannel("news"), other);
        await first.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);
        await second.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);

        await redis.PublishAsync(new RedisChannel("news"), Bytes("one"));
        await redis.PublishAsync(new RedisChannel("news"), Bytes("two"));
        await Eventually.HoldsAsync(() => other.Told.Length == 3);

        Assert.Equal(["+", "news:one", "news:two"], other.Told);
        Assert.Equal(3, rig.Log.Entries.Count(entry => entry.Error is NotSupportedException));
    }

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static string TextOf(ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);

    private sealed class ThrowingSubscriber : RedisSubscriber
    {
        public override void OnConfirmed() => throw new NotSupportedException();

        public override void OnMessage(RedisMessage message) => throw new NotSupportedException();
    }
}
