namespace RawWs.SocketIO.Tests.Engine;

/// <summary>What is compressed on a WebSocket whose client has agreed on that, and what is not.</summary>
public sealed class CompressedWebSocketTests
{
    private const string Offer = "Sec-WebSocket-Extensions: permessage-deflate\r\n";
    private const byte Text = 0x81, CompressedText = 0xC1;

    [Theory]
    [InlineData(true, CompressedText)]
    [InlineData(false, Text)]
    public async Task An_event_is_compressed_if_it_may_be(bool isCompressible, byte first)
    {
        await using var server = await StartAsync();
        await using var client = server.Connect();
        await client.OpenWebSocketAsync(headers: Offer);
        await client.ReadAsync();
        await client.SendAsync("40");
        await server.FindAsync(await client.ReadAsync());

        await EmitAsync(server, isCompressible);

        Assert.Equal(first, (await client.WebSocket.ReadFrameAsync()).First);
    }

    [Theory]
    [InlineData(true, CompressedText)]
    [InlineData(false, Text)]
    public async Task So_is_one_that_has_waited_for_the_WebSocket(bool isCompressible, byte first)
    {
        await using var server = await StartAsync();
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");
        await server.FindAsync(await client.PollAsync());
        await EmitAsync(server, isCompressible);

        await client.OpenWebSocketAsync($"EIO=4&transport=websocket&sid={client.Sid}", Offer);
        await client.SendAsync("5");

        Assert.Equal(first, (await client.WebSocket.ReadFrameAsync()).First);
    }

    private static Task<SocketIOTestServer> StartAsync() => SocketIOTestServer.StartAsync(configureCore: core => core.Compression = CompressionMode.Shared);

    private static Task EmitAsync(SocketIOTestServer server, bool isCompressible) => server.IO.Everybody.Compress(isCompressible).EmitAsync("e", new string('x', 5_000));
}
