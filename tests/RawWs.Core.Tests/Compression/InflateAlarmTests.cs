using RawWs.Testing;
using RawWs.Tests.Server;

namespace RawWs.Tests.Compression;

public class InflateAlarmTests
{
    [Fact]
    public async Task Alarm_counts_each_message_that_grows_out_of_measure_once()
    {
        var (server, metrics) = await MetricsProbe.WatchAsync(() => TestServer.StartAsync(configure: options => options.Compression = CompressionMode.Shared));
        using var watching = metrics;
        await using var running = server;
        await using var client = await DeflateClient.OpenAsync(server.Connect());

        foreach (var (length, expected) in ((int, int)[])[(1000, 0), (60_000, 0), (500_000, 1), (2000, 1), (1_000_000, 2)])
        {
            await client.Wire.SendAsync(WireFrame.Masked(DeflateWire.Binary, DeflateWire.Bomb(length)));
            Assert.Equal(length, (await client.ReadMessageAsync()).Payload.Length);
            Assert.Equal(expected, metrics["rawws.inflate.alarms"]);
        }

        // One that is refused counts as well, and its sender is not worth a line in the log.
        await client.Wire.SendAsync(WireFrame.Masked(DeflateWire.Binary, DeflateWire.Bomb(50_000_000)));
        Assert.Equal(1009, (await client.Wire.ReadFrameAsync()).CloseCode);
        Assert.Equal(3, metrics["rawws.inflate.alarms"]);
        Assert.Empty(server.Log.AboveDebug);
    }
}
