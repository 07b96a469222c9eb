using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using RawWs.Redis.Client;
using RawWs.Redis.Diagnostics;
using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Client;

/// <summary>The client and a server that is a replica, or becomes one.</summary>
public sealed class ReplicaTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_replica_is_not_connected_to_until_the_address_leads_to_a_primary()
    {
        await using var failover = await FailoverRig.StartAsync();
        failover.Follow();
        await using var redis = new RedisClient(failover.Options());
        await Eventually.HoldsAsync(() => redis.LastFailure?.Message.Contains("is a replica", StringComparison.Ordinal) == true);
        Assert.False(redis.IsConnected);

        failover.Network.LeadTo(failover.Primary.EndPoint);
        await redis.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);
        Assert.True(await redis.SetAsync("key", "value"u8.ToArray()));
    }

    [Fact]
    public async Task Who_says_READONLY_is_left_also_over_RESP2()
    {
        await using var failover = await FailoverRig.StartAsync();
        await using var redis = new RedisClient(failover.Rig.Options(options => (options.PreferResp3, options.KeepAliveInterval) = (false, TimeSpan.FromDays(1))));
        var subscriber = new RecordingSubscriber();
        await using var subscription = redis.Subscribe(new RedisChannel("a"), subscriber);
        await subscription.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);
        await redis.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);
        await failover.HandOverAsync();

        var refused = await Assert.ThrowsAsync<RedisErrorException>(async () => await redis.SetAsync("key", "value"u8.ToArray()));
        failover.Follow();
        await SetAsync(redis);

        // The connection for messages, over which nothing shows it, has left with the other one.
        await Eventually.HoldsAsync(() => subscriber.Told is ["+", "-", "+", ..]);
        Assert.Equal("READONLY", refused.Code);
        Assert.Equal("value", (await failover.Replica.ExecuteAsync("GET", "key")).ToText());
    }

    [Fact]
    public async Task A_subscription_to_a_replica_is_made_anew_also_while_messages_come()
    {
        await using var failover = await FailoverRig.StartAsync();
        await using var redis = new RedisClient(failover.Options());
        var subscriber = new RecordingSubscriber();
        await using var subscription = redis.Subscribe(new RedisChannel("a"), subscriber);
        await subscription.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);
        await failover.HandOverAsync();

        // What is published on the new primary comes through the old one until that is left.
        using var deadline = new CancellationTokenSource(LongestWait);
        while (subscription.IsConfirmed)
        {
            await failover.Replica.ExecuteAsync("PUBLISH", "a", "early");
            deadline.Token.ThrowIfCancellationRequested();
        }

        failover.Follow();
        await subscription.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);
        await failover.Replica.ExecuteAsync("PUBLISH", "a", "late");
        await Eventually.HoldsAsync(() => subscriber.Told.Contains("a:late"));

        Assert.Equal(["+", "-", "+", "a:late"], subscriber.Told.Where(static told => told != "a:early"));
    }

    [Theory]
    [InlineData("READONLY", "You can't write against a read only replica.")]
    [InlineData("MASTERDOWN", "Link with MASTER is down and replica-serve-stale-data is set to 'no'.")]
    [InlineData("UNBLOCKED", "force unblock from blocking operation, instance state changed (master -> replica?)")]
    public async Task Whatever_a_server_says_that_is_a_primary_no_more_ends_its_connection(string code, string text)
    {
        var isFirst = true;
        await using var server = new ScriptedServer(command => command switch
        {
            ['H', 'E', 'L', 'L', 'O', ..] => "%1\r\n+proto\r\n:3\r\n",
            _ => Interlocked.Exchange(ref isFirst, false) ? $"-{code} {text}\r\n" : "+fine\r\n",
        });
        await using var redis = new RedisClient(Options(server));
        await redis.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);

        var error = await Assert.ThrowsAsync<RedisErrorException>(async () => await redis.ExecuteAsync(new RedisCommand("GET", "key")));
        await Eventually.HoldsAsync(() => redis.LastFailure?.Message.Contains("is not a primary any more", StringComparison.Ordinal) == true);
        await redis.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);

        Assert.Equal(code, error.Code);
        Assert.Equal("fine", (await redis.ExecuteAsync(new RedisCommand("GET", "key"))).ToText());
    }

    [Fact]
    public async Task A_connection_that_logs_in_while_another_one_finds_a_replica_is_made_anew()
    {
        var (logins, isReplica) = (0, true);
        using var release = new SemaphoreSlim(0);
        await using var server = new ScriptedServer(command =>
        {
            // The second is that for messages.
            if (command.StartsWith("HELLO", StringComparison.Ordinal) && Interlocked.Increment(ref logins) == 2)
                release.Wait(LongestWait);

            return ScriptedServer.Login(command) ?? command switch
            {
                "SUBSCRIBE a" => ">3\r\n+subscribe\r\n+a\r\n:1\r\n",
                _ => Interlocked.Exchange(ref isReplica, false) ? "-READONLY You can't write against a read only replica.\r\n" : "+fine\r\n",
            };
        });
        await using var redis = new RedisClient(Options(server));
        await redis.WaitForConnectionAsync().AsTask().WaitAsync(LongestWait);
        await using var subscription = redis.Subscribe(new RedisChannel("a"), new RecordingSubscriber());
        await Eventually.HoldsAsync(() => Volatile.Read(ref logins) == 2);

        // The third is that for commands again: everybody has been told.
        await Assert.ThrowsAsync<RedisErrorException>(async () => await redis.ExecuteAsync(new RedisCommand("SET", "key", "value")));
        await Eventually.HoldsAsync(() => Volatile.Read(ref logins) == 3);
        release.Release();
        await subscription.WaitForConfirmationAsync().AsTask().WaitAsync(LongestWait);

        await Eventually.HoldsAsync(() => Volatile.Read(ref logins) == 4);
        Assert.Contains("Another connection has found", redis.LastFailure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_that_was_begun_since_is_not_ended_by_who_tells_slowly()
    {
        var isFirst = true;
        await using var server = new ScriptedServer(command => ScriptedServer.Login(command) ?? (Interlocked.Exchange(ref isFirst, false) ? null : "+fine\r\n"));
        using var metrics = new RedisMetrics();
        var notice = new ReplicaNotice();
        using var begun = new SemaphoreSlim(0);
        using var release = new SemaphoreSlim(0);
        notice.Found += () =>
        {
            begun.Release();
            release.Wait(LongestWait);
        };
        await using var link = new RedisLink(Options(server), metrics, NullLogger.Instance, notice, new CommandTenant(metrics));
        var before = await link.WaitAsync(CancellationToken.None).WaitAsync(LongestWait);
        var telling = Task.Run(() => notice.Tell(0));
        await begun.WaitAsync(LongestWait);

        // Its connection ends by itself meanwhile.
        await Assert.ThrowsAsync<RedisUnavailableException>(() => before.SendAsync(new RedisCommand("GET", "key"), CancellationToken.None));
        await Eventually.HoldsAsync(() => link.Current is { } current && current != before);
        var after = link.Current!;
        release.Release();
        await telling.WaitAsync(LongestWait);

        // Nor by who found the same a little later.
        notice.Tell(0);
        Assert.Equal("fine", (await after.SendAsync(new RedisCommand("GET", "key"), CancellationToken.None)).ToText());
        Assert.Null(after.Failure);

        release.Release();
        notice.Tell(1);
        Assert.NotNull(after.Failure);
    }

    [Theory]
    [InlineData("replica", true)]
    [InlineData("slave", true)]
    [InlineData("master", false)]
    [InlineData("active-replica", false)]
    [InlineData(null, false)]
    public void Who_does_not_say_that_it_is_a_replica_is_taken_for_a_primary(string? role, bool isReplica)
    {
        RespValue[] properties = [RespValue.FromText("replica"), RespValue.FromText("role"), .. role is null ? (RespValue[])[] : [RespValue.FromText("role"), RespValue.FromText(role)]];

        Assert.Equal(isReplica, PrimaryCheck.IsReplica(RespValue.FromItems(properties)));
    }

    [Theory]
    [InlineData("-UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)", true)]
    [InlineData("-UNBLOCKED force unblock from blocking operation, instance state changed (master -> slave?)", true)]
    [InlineData("-UNBLOCKED client unblocked via CLIENT UNBLOCK", false)]
    [InlineData("-UNBLOCKED the stream key no longer exists", false)]
    [InlineData("-READONLY You can't write against a read only replica.", true)]
    [InlineData("-NOPERM no", false)]
    [InlineData("+UNBLOCKED force unblock from blocking operation", false)]
    public void Who_lets_a_command_wait_no_longer_because_it_was_told_to_is_a_primary_still(string answer, bool isDemotion)
    {
        var value = RespValue.OfBytes(answer[0] == '-' ? RespType.Error : RespType.SimpleString, Encoding.Latin1.GetBytes(answer[1..]));

        Assert.Equal(isDemotion, PrimaryCheck.IsDemotion(value));
        Assert.Equal(!isDemotion && answer.StartsWith("-UNBLOCKED", StringComparison.Ordinal), PrimaryCheck.IsUnblocked(value));
    }

    private static RedisOptions Options(ScriptedServer server)
    {
        var options = RedisOptions.Parse($"127.0.0.1:{server.Port}");
        options.MinReconnectDelay = TimeSpan.FromMilliseconds(1);
        (options.ConnectTimeout, options.CommandTimeout, options.KeepAliveInterval) = (LongestWait, LongestWait, LongestWait);
        return options;
    }

    // Nobody sends it again but who wants it.
    private static async Task SetAsync(RedisClient redis)
    {
        using var deadline = new CancellationTokenSource(LongestWait);
        while (true)
        {
            try
            {
                await redis.SetAsync("key", "value"u8.ToArray(), cancellationToken: deadline.Token);
                return;
            }
            catch (Exception error) when (error is RedisUnavailableException or RedisErrorException)
            {
                await redis.WaitForConnectionAsync(deadline.Token);
            }
        }
    }
}
