using System.Text.RegularExpressions;
using RawWs.Redis.Tests.Rooms;
using RawWs.Redis.Tests.Servers;
using RawWs.Redis.Tests.SocketIO;
using RawWs.SocketIO.Tests;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Client;

/// <summary>The users that docs/scale-out.md has for Redis with access control may do all that their mode does, and use all that they may.</summary>
public sealed partial class AccessControlTests : IAsyncLifetime
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    private RedisRig _rig = null!;

    public static TheoryData<string> Users => [.. Lines().Select(static line => line.Groups["name"].Value)];

    public async ValueTask InitializeAsync() => _rig = await RedisRig.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_rig is not null)
            await _rig.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Users))]
    public async Task A_user_of_the_document_may_do_what_its_mode_does_and_no_command_more(string user)
    {
        var rules = Lines().Single(line => line.Groups["name"].Value == user).Groups["rules"].Value.Split(' ');
        Assert.Equal("OK", (await _rig.Server.ExecuteAsync("ACL", ["SETUSER", user, .. rules.Select(static rule => (RedisArgument)rule)])).ToText());
        var mode = user.Split('-')[1];
        await using var first = await ConnectAsync(user, preferResp3: true);
        await using var second = await ConnectAsync(user, preferResp3: false);

        if (user.StartsWith("rooms-", StringComparison.Ordinal))
            await ShareRoomsAsync(Enum.Parse<RedisBackplaneMode>(mode, ignoreCase: true), first, second);
        else
            await ShareNamespacesAsync(Enum.Parse<AdapterKind>(mode, ignoreCase: true), first, second);

        foreach (var rule in rules.Where(static rule => rule[0] == '+'))
            await WaitForCommandAsync(rule[1..]);

        Assert.Empty((await _rig.Server.ExecuteAsync("ACL", "LOG")).Items);
    }

    private static async Task ShareRoomsAsync(RedisBackplaneMode mode, RedisClient first, RedisClient second)
    {
        var options = new RedisBackplaneOptions { Mode = mode, CountTimeout = LongestWait };
        await using var one = await RoomNode.StartUnconnectedAsync(new RedisRoomBackplane(first, options));
        await using var two = await RoomNode.StartUnconnectedAsync(new RedisRoomBackplane(second, options));
        await Eventually.HoldsAsync(() => one.Backplane.IsConnected && two.Backplane.IsConnected && one.Backplane.NodeCount == 2 && two.Backplane.NodeCount == 2);

        one.Say("hello");
        await two.HearsAsync("hello");
        two.Say("you too");
        await one.HearsAsync("you too");
        Assert.Equal(2, (await one.Backplane.CountMembersAsync("a")).Members);
    }

    private async Task ShareNamespacesAsync(AdapterKind kind, RedisClient first, RedisClient second)
    {
        await using var one = await ClusterServer.StartAsync(first, kind, Configure);
        await using var two = await ClusterServer.StartAsync(second, kind, Configure);
        two.IO.OnServerSide("who", static received => received.Acknowledge("two"));
        var (client, socket) = await two.Server.ConnectSocketAsync();
        var connected = SocketIOClients.Read(client.LastMessage);
        await using (client)
        {
            await one.WaitForServersAsync(2);
            await one.IO.In(socket.Id).SocketsJoinAsync("room");
            await Eventually.HoldsAsync(() => socket.Rooms.Contains("room"));
            Assert.True(await one.IO.In("room").FetchSocketsAsync() is { IsComplete: true, Count: 1 });
            Assert.Equal(["two"], (await one.IO.ServerSideEmitWithAckAsync<string>("who")).Values);
            if (one.Adapter is RedisAdapter adapter)
                Assert.Contains("room", (await adapter.FetchRoomsAsync()).Rooms);

            var asked = one.IO.Everybody.EmitWithAckAsync<int>("q");
            Assert.Contains("[\"q\"", await client.ReadAsync(), StringComparison.Ordinal);
            await client.SendAsync("430[7]");
            Assert.Equal([7], (await asked).Values);
            await one.IO.Everybody.EmitAsync("e");
            Assert.Contains("[\"e\"", await client.ReadAsync(), StringComparison.Ordinal);
            if (kind == AdapterKind.Streams)
                await ComeBackAsync(one, client, connected);
        }

        // While their clients are there.
        await one.IO.CloseAsync();
        await two.IO.CloseAsync();
        foreach (var command in kind switch { AdapterKind.PubSub => ["punsubscribe", "unsubscribe"], AdapterKind.Sharded => ["sunsubscribe"], _ => (string[])["unsubscribe"] })
            await WaitForCommandAsync(command);

        void Configure(RawWs.SocketIO.SocketIOServerOptions options) => options.ConnectionStateRecovery = kind == AdapterKind.Streams ? new() : null;
    }

    private async Task ComeBackAsync(ClusterServer one, EngineClient client, (string Namespace, string Id, string? PrivateId) connected)
    {
        var offset = OffsetIn().Match(client.LastMessage).Value;
        client.WebSocket.Abort();
        await WaitForCommandAsync("set");
        await one.IO.EmitAsync("missed");

        await using var again = await one.Server.OpenWebSocketAsync();
        await again.SendAsync($$"""40{"pid":"{{connected.PrivateId}}","offset":"{{offset}}"}""");

        Assert.Contains("[\"missed\"", await again.ReadAsync(), StringComparison.Ordinal);
        Assert.Equal(connected.Id, SocketIOClients.Read(await again.ReadAsync()).Id);
    }

    private async Task<RedisClient> ConnectAsync(string user, bool preferResp3)
        => await _rig.ConnectAsync(options => (options.User, options.Password, options.Database, options.PreferResp3) = (user, "secret", 1, preferResp3));

    // Somebody has executed it: what is refused is counted apart.
    private async Task WaitForCommandAsync(string command)
    {
        using var deadline = new CancellationTokenSource(LongestWait);
        while (!(await _rig.Server.ExecuteAsync("INFO", "commandstats")).ToText()!.Contains($"\ncmdstat_{command}:calls=", StringComparison.Ordinal)) // It is text.
            Assert.False(deadline.IsCancellationRequested, $"Nobody has executed {command}.");
    }

    private static MatchCollection Lines() => UserLine().Matches(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "scale-out.md")));

    [GeneratedRegex("^user (?<name>[a-z-]+) +(?<rules>on .+)$", RegexOptions.Multiline)]
    private static partial Regex UserLine();

    [GeneratedRegex("[0-9]+-[0-9]+")]
    private static partial Regex OffsetIn();
}
