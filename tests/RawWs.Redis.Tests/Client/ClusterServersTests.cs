using System.Globalization;
using System.Net;
using RawWs.Redis.Client;
using RawWs.Redis.Tests.Servers;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Client;

/// <summary>Which servers of a cluster there is a client for, when redirections have named some that nobody else has told of.</summary>
public sealed class ClusterServersTests
{
    // As many as may have been named since slots were learnt.
    private const int MaxNamedCount = 16;

    private static readonly DnsEndPoint Master = Server(0);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whom_a_redirection_has_named_stays_until_slots_have_been_learnt_twice(bool isAsk)
    {
        await using var servers = new ClusterServers(new RedisOptions { Host = Master.Host, Port = Master.Port }, Nothing);
        Take(servers);
        servers.Take(new ClusterRedirection(isAsk, Slot: 1, Server(1)));
        var named = servers.ClientOf(Server(1));

        Assert.Empty(Take(servers));
        Assert.Equal([named], Take(servers));
    }

    [Fact]
    public async Task Only_so_many_are_kept_that_nobody_else_has_told_of()
    {
        await using var servers = new ClusterServers(new RedisOptions { Host = Master.Host, Port = Master.Port }, Nothing);
        Take(servers);
        for (var number = 1; number <= MaxNamedCount + 1; number++)
        {
            servers.Take(new ClusterRedirection(IsAsk: true, Slot: 1, Server(number)));
            servers.ClientOf(Server(number));
        }

        Assert.Single(Take(servers));
        Assert.Equal(1 + MaxNamedCount, servers.Clients.Count);
    }

    [Fact]
    public async Task A_server_that_is_lost_is_told_of_and_one_that_has_left_is_not()
    {
        var count = 0;
        await using var server = new ScriptedServer(static command => command == "GET a" ? null : ScriptedServer.Login(command));
        var place = new DnsEndPoint("127.0.0.1", server.Port);
        await using var servers = new ClusterServers(RedisOptions.Parse($"127.0.0.1:{server.Port}?cluster"), () => Interlocked.Increment(ref count));
        var client = servers.ClientOf(place);
        await client.WaitForConnectionAsync();

        await Assert.ThrowsAsync<RedisUnavailableException>(async () => await client.ExecuteAsync(new RedisCommand("GET", "a")));
        await Eventually.HoldsAsync(() => Volatile.Read(ref count) == 1);
        await client.WaitForConnectionAsync();
        Assert.Equal([client], Take(servers));
        await Eventually.HoldsAsync(() => servers.RetiringCount == 0);

        Assert.Equal(1, count);
    }

    [Theory]
    [InlineData("MOVED 1 127.0.1.2:1", true)]
    [InlineData("ASK 1 127.0.1.2:1", false)]
    [InlineData("ERR no", false)]
    public async Task A_stream_that_is_on_its_way_is_waited_for_where_it_was(string error, bool isElsewhere)
    {
        await using var cluster = new RedisClusterClient(new RedisOptions { Host = Master.Host, Port = Master.Port });

        Assert.Equal(isElsewhere, new ClusterStreamSource(cluster, "s").IsElsewhere(new RedisErrorException(error)));
    }

    private static void Nothing()
    {
        // No server is reached.
    }

    // The last that nobody needs any more are ended by whoever has learnt.
    private static List<RedisClient> Take(ClusterServers servers)
    {
        var range = RespValue.FromItems(
            RespValue.FromInteger(0), RespValue.FromInteger(HashSlot.Count - 1), RespValue.FromItems(RespValue.FromText(Master.Host), RespValue.FromInteger(Master.Port)));
        var gone = servers.Take(ClusterMap.Read(RespValue.FromItems(range), Master)!); // It makes sense.
        foreach (var client in gone)
            servers.Retire(client);

        return [.. gone];
    }

    // Where nobody is.
    private static DnsEndPoint Server(int number) => new(string.Create(CultureInfo.InvariantCulture, $"127.0.1.{number + 1}"), 1);
}
