using RawWs.Testing;

namespace RawWs.SocketIO.Tests.Engine;

public sealed class HeartbeatTests
{
    [Fact]
    public async Task The_server_pings_and_a_pong_begins_anew()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenWebSocketAsync();
        await client.SendAsync("40");
        await client.ReadAsync();

        for (var count = 0; count < 3; count++)
        {
            server.Time.Advance(TimeSpan.FromSeconds(25));
            Assert.Equal("2", await client.ReadAsync());
            await client.SendAsync("3");
            await client.WebSocket.WaitUntilServerWaitsAsync();
        }

        Assert.Equal(1, server.IO.ConnectionCount);
    }

    [Fact]
    public async Task Pings_and_their_timeout_are_on_time_and_pongs_that_nobody_asked_for_change_nothing()
    {
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(socket => socket.On("echo", (int value) => value)));
        await using var client = await server.ConnectAsync();

        server.Time.Advance(TimeSpan.FromSeconds(10));
        await client.SendAsync("3");
        await client.SendAsync("3");
        await AssertStillThereAsync(client, 1);
        server.Time.Advance(TimeSpan.FromSeconds(15) - TimeSpan.FromTicks(1));
        await AssertStillThereAsync(client, 2);
        server.Time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("2", await client.ReadAsync());

        server.Time.Advance(TimeSpan.FromSeconds(20) - TimeSpan.FromTicks(1));
        Assert.Equal(1, server.IO.ConnectionCount);
        server.Time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal("close 1000", await client.ReadAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_says_something_else_than_a_pong_has_its_time_anew_once_for_each_ping(bool isPolling)
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = isPolling ? await server.OpenPollingAsync() : await server.OpenWebSocketAsync();

        await SayAsync(client, isPolling, "40");
        Assert.StartsWith("40{", isPolling ? await client.PollAsync() : await client.ReadAsync(), StringComparison.Ordinal);

        for (var count = 0; count < 2; count++)
        {
            // What comes before the ping counts for nothing.
            await SayAsync(client, isPolling, "6");
            server.Time.Advance(TimeSpan.FromSeconds(25));
            Assert.Equal("2", isPolling ? await client.PollAsync() : await client.ReadAsync());
            server.Time.Advance(TimeSpan.FromSeconds(19));
            await SayAsync(client, isPolling, "6");
            server.Time.Advance(TimeSpan.FromSeconds(19));
            Assert.Equal(1, server.IO.ConnectionCount);
            await SayAsync(client, isPolling, count == 0 ? "3" : "6");
        }

        server.Time.Advance(TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1));
        Assert.Equal(1, server.IO.ConnectionCount);
        server.Time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(0, server.IO.ConnectionCount);
    }

    // It has been read when this returns.
    private static async Task SayAsync(EngineClient client, bool isPolling, string packet)
    {
        if (isPolling)
        {
            await client.PostAsync(packet);
            return;
        }

        await client.SendAsync(packet);
        await client.WebSocket.WaitUntilServerWaitsAsync();
    }

    // Whatever was sent before is read before the answer.
    private static async Task AssertStillThereAsync(EngineClient client, int value)
    {
        await client.SendAsync($"420[\"echo\",{value}]");
        Assert.Equal($"430[{value}]", await client.ReadAsync());
        await client.WebSocket.WaitUntilServerWaitsAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_does_not_answer_is_disconnected_whatever_else_it_says(bool isPolling)
    {
        var reasons = new List<DisconnectReason>();
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(socket => socket.OnDisconnect(reason =>
        {
            lock (reasons)
                reasons.Add(reason);
        })));
        await using var client = isPolling ? await server.OpenPollingAsync() : await server.OpenWebSocketAsync();
        if (isPolling)
            await client.PostAsync("40");
        else
            await client.SendAsync("40");

        await Eventually.HoldsAsync(() => server.IO.Sockets.Count == 1);
        server.Time.Advance(TimeSpan.FromSeconds(25));
        if (isPolling)
            await client.PostAsync("42[\"e\"]");
        else
            await client.SendAsync("42[\"e\"]");

        server.Time.Advance(TimeSpan.FromSeconds(20));

        await Eventually.HoldsAsync(() =>
        {
            lock (reasons)
                return reasons.Count == 1;
        });
        Assert.Equal(DisconnectReason.PingTimeout, reasons[0]);
        Assert.Equal(0, server.IO.ConnectionCount);
    }
}
