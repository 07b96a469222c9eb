using RawWs.Testing;

namespace RawWs.Tests.Compression;

public class MissingZlibTests
{
    [Theory]
    [InlineData(CompressionMode.Shared)]
    [InlineData(CompressionMode.Dedicated)]
    public async Task Server_without_zlib_says_so_once_and_serves_without_compression(CompressionMode mode)
    {
        await using var server = await TestServer.StartAsync(configure: options =>
        {
            options.Compression = mode;
            options.WhyNoZlib = () => "no such library";
        });

        for (var round = 0; round < 3; round++)
        {
            await using var client = await DeflateClient.OpenAsync(server.Connect());
            Assert.Null(client.Answer);
            await client.Wire.SendAsync(WireFrame.Masked(0x82, new byte[5000]));
            Assert.Equal((0x82, 5000), (await client.Wire.ReadFrameAsync() is var frame ? frame.First : 0, frame.Payload.Length));
        }

        var line = Assert.Single(server.Log.AboveDebug);
        Assert.Contains("no such library", line, StringComparison.Ordinal);
        Assert.StartsWith("Warning", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_that_compresses_nothing_does_not_look_for_zlib()
    {
        await using var server = await TestServer.StartAsync(configure: options =>
        {
            options.Compression = CompressionMode.Off;
            options.WhyNoZlib = () => throw new InvalidOperationException("Nobody asked for it.");
        });
        await using var client = await DeflateClient.OpenAsync(server.Connect());

        Assert.Null(client.Answer);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public void This_runtime_has_zlib() => Assert.Null(new WebSocketServerOptions().WhyNoZlib());
}
