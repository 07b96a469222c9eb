using RawWs.Testing;

namespace RawWs.Host.Tests;

public sealed class DashboardSamplerTests : IDisposable
{
    private readonly MetricsCollector _metrics = new("RawWs");

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public async Task Twenty_rooms_are_named_the_largest_first()
    {
        var clientCount = 0;
        await using var server = await TestServer.StartAsync(map: server => server.Map("/rooms", async (connection, cancellationToken) =>
        {
            // The first is in all of them, and the second in the last.
            for (var room = Interlocked.Increment(ref clientCount) == 1 ? 1 : 22; room <= 22; room++)
                server.Rooms[$"{room}"].Join(connection);

            await TestServer.EchoAsync(connection, cancellationToken);
        }));
        foreach (var client in (WireClient[])[server.Connect(), server.Connect()])
        {
            // Whoever has had an answer has joined.
            await client.OpenAsync(path: "/rooms");
            await client.SendAsync(WireFrame.MaskedText("here"));
            await client.ReadFrameAsync();
        }

        var rooms = SamplerOf(server, new HostOptions()).Take(watching: 1).Rooms;

        Assert.Equal((20, "22", 2), (rooms.Count, rooms[0].Name, rooms[0].Members));
    }

    [Fact]
    public async Task What_happens_most_often_is_told_first()
    {
        await using var server = await TestServer.StartAsync();
        foreach (var code in (ushort[])[1003, 1007, 1007, 1007, 1010, 1010])
        {
            var count = server.Server.ConnectionCount;
            await using var client = await server.OpenAsync();
            await client.SendAsync(WireFrame.MaskedClose(code));
            await client.ReadFrameAsync();
            client.EndSending();
            await Eventually.HoldsAsync(() => server.Server.ConnectionCount == count);
        }

        // Other tests close connections too.
        var closes = SamplerOf(server, new HostOptions()).Take(watching: 1).Closes;

        Assert.Equal(closes.Select(close => close.Count).OrderDescending(), closes.Select(close => close.Count));
        Assert.True(closes.Single(close => close is { Initiator: "remote", Received: "1007" }).Count >= 3);
    }

    [Fact]
    public async Task Whether_TLS_is_spoken_is_told()
    {
        await using var server = await TestServer.StartAsync();

        Assert.True(SamplerOf(server, new HostOptions { Tls = new TlsFiles() }).Describe().IsSecure);
        Assert.False(SamplerOf(server, new HostOptions()).Describe().IsSecure);
    }

    private DashboardSampler SamplerOf(TestServer server, HostOptions options) => new(server.Server, _metrics, options, TimeProvider.System);
}
