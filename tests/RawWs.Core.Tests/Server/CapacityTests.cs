using System.Text;
using RawWs.Testing;

namespace RawWs.Tests.Server;

public sealed class CapacityTests
{
    [Fact]
    public async Task A_full_server_answers_503_without_listening_and_has_room_again_when_somebody_leaves()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.MaxConnections = 2);
        await using var first = await server.OpenAsync();
        await using var second = await server.OpenAsync();

        await using (var third = server.Connect())
        {
            var response = Encoding.ASCII.GetString(await third.ReadToEndAsync());
            Assert.StartsWith("HTTP/1.1 503 ", response, StringComparison.Ordinal);
            Assert.Contains("\r\nRetry-After: 5\r\n", response, StringComparison.Ordinal);
            Assert.Contains("\r\nConnection: close\r\n", response, StringComparison.Ordinal);
            third.EndSending();
            await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 2);
        }

        first.Abort();
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 1);
        await using var fourth = await server.OpenAsync();
        await fourth.SendAsync(WireFrame.MaskedText("in"));
        Assert.Equal("in", (await fourth.ReadFrameAsync()).Text);
        Assert.Single(server.Log.AboveDebug, "Warning: Refused or closed a peer: server_full; 0 others since the last such line ");
    }

    // Otherwise whoever keeps asking at a full server would keep it full.
    [Fact]
    public async Task Refused_clients_that_do_not_go_take_nobodys_place()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.MaxConnections = 1);
        var first = await server.OpenAsync();
        var refused = new List<WireClient>();
        for (var count = 0; count < 10; count++)
        {
            refused.Add(server.Connect());
            Assert.StartsWith("HTTP/1.1 503 ", await refused[^1].ReadHeadAsync(), StringComparison.Ordinal);
        }

        first.Abort();
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 10);

        await using var next = await server.OpenAsync();
        await next.SendAsync(WireFrame.MaskedText("in"));
        Assert.Equal("in", (await next.ReadFrameAsync()).Text);
        refused.ForEach(client => client.Abort());
    }

    [Fact]
    public async Task Handshakes_that_are_under_way_count()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.MaxConnections = 1);
        await using var slow = server.Connect();
        await slow.SendAsync("GET ");
        await slow.WaitUntilServerWaitsAsync();

        await using var next = server.Connect();
        Assert.StartsWith("HTTP/1.1 503 ", await next.ReadHeadAsync(), StringComparison.Ordinal);
    }
}
