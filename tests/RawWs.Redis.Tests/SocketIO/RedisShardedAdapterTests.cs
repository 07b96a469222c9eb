using RawWs.Redis.Tests.Servers;
using RawWs.SocketIO.Tests;
using RawWs.Testing;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>Which channels servers subscribe to, and that everything arrives in each mode.</summary>
public sealed class RedisShardedAdapterTests : IAsyncLifetime
{
    private RedisRig _rig = null!;

    public async ValueTask InitializeAsync() => _rig = await RedisRig.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_rig is not null)
            await _rig.DisposeAsync();
    }

    [Theory]
    [InlineData(ShardedSubscriptionMode.Dynamic)]
    [InlineData(ShardedSubscriptionMode.DynamicPrivate)]
    [InlineData(ShardedSubscriptionMode.Static)]
    public async Task A_room_has_a_channel_if_the_mode_says_so(ShardedSubscriptionMode mode)
    {
        var options = new RedisShardedAdapterOptions { ChannelPrefix = "k", SubscriptionMode = mode };
        await using var redis1 = await _rig.ConnectAsync();
        await using var redis2 = await _rig.ConnectAsync();
        await using var one = await SocketIOTestServer.StartAsync(configure: socketIO => socketIO.Adapter = nsp => new RedisShardedAdapter(nsp, redis1, options));
        await using var two = await SocketIOTestServer.StartAsync(configure: socketIO => socketIO.Adapter = nsp => new RedisShardedAdapter(nsp, redis2, options));
        var (client1, _) = await one.ConnectSocketAsync();
        var (client2, socket2) = await two.ConnectSocketAsync();
        await using (client1)
        await using (client2)
        {
            socket2.Join("room", "twenty letters, yes?");
            string[] expected = mode switch
            {
                ShardedSubscriptionMode.Dynamic => ["room"],
                ShardedSubscriptionMode.DynamicPrivate => ["room", "twenty letters, yes?", socket2.Id],
                _ => [],
            };
            await WaitForRoomsAsync(client1.LastMessage, expected);

            foreach (var room in new[] { "room", "twenty letters, yes?", socket2.Id })
            {
                await one.IO.To(room).EmitAsync("e", room);
                Assert.Equal($"42[\"e\",\"{room}\"]", await client2.ReadAsync());
            }

            socket2.Leave("room");
            socket2.Leave("twenty letters, yes?");
            await WaitForRoomsAsync(client1.LastMessage, [.. expected.Where(room => room == socket2.Id)]);
        }

        // Nothing is left behind.
        await two.IO.CloseAsync();
        await one.IO.CloseAsync();
        await Eventually.HoldsAsync(() => ChannelsAsync().GetAwaiter().GetResult().Length == 0);
    }

    // The rooms of the second server that have a channel; of the first there is only that of its socket.
    private async Task WaitForRoomsAsync(string reply, string[] rooms)
    {
        var first = SocketIOClients.Read(reply).Id;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!(await ChannelsAsync()).Where(room => room.Length is > 0 and not 16 && room != first).Order(StringComparer.Ordinal).SequenceEqual(rooms.Order(StringComparer.Ordinal)))
            deadline.Token.ThrowIfCancellationRequested();
    }

    private async Task<string[]> ChannelsAsync()
        => [.. (await _rig.Server.ExecuteAsync("PUBSUB", "SHARDCHANNELS", "k#/#*")).Items.Select(channel => channel.ToText()!["k#/#".Length..].TrimEnd('#'))]; // A channel has a name.
}
