using RawWs.Testing;

namespace RawWs.Host.Tests;

/// <summary>Whoever is silent is asked before he is sent away, however late <c>--keep-alive</c> lets that be.</summary>
public sealed class SilentPeerTests
{
    [Theory]
    [InlineData(20)]
    [InlineData(100)]
    [InlineData(119)]
    [InlineData(300)]
    [InlineData(3_600)]
    public async Task A_silent_peer_is_pinged_and_has_its_time_to_answer(int seconds)
    {
        var host = new HostOptions { KeepAlive = TimeSpan.FromSeconds(seconds) };
        await using var server = await TestServer.StartAsync(configure: host.ApplyKeepAliveTo);
        await using var client = await server.OpenAndRestAsync();
        var patience = new WebSocketServerOptions().KeepAliveTimeout;

        server.Time.Advance(TimeSpan.FromSeconds(seconds + 1));
        var ping = await client.ReadFrameAsync();
        await client.WaitUntilServerWaitsAsync();
        server.Time.Advance(patience - TimeSpan.FromSeconds(2));
        await client.SendAsync(WireFrame.Masked(0x8A, ping.Payload));
        await client.SendAsync(WireFrame.MaskedText("still here"));

        Assert.Equal(0x9, ping.Opcode);
        Assert.Equal("still here", (await client.ReadFrameAsync()).Text);
    }
}
