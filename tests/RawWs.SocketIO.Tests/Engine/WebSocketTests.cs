using RawWs.Testing;

namespace RawWs.SocketIO.Tests.Engine;

/// <summary>What a WebSocket that carries a session may do besides.</summary>
public sealed class WebSocketTests
{
    [Fact]
    public async Task A_packet_may_come_in_fragments_with_control_frames_between_them()
    {
        await using var server = await StartAsync();
        await using var client = await server.ConnectAsync();

        await client.WebSocket.SendAsync(WireFrame.MaskedText("420[\"ec", fin: false));
        await client.WebSocket.SendAsync(WireFrame.Masked(0x89, "hi"u8));
        await client.WebSocket.SendAsync(WireFrame.Masked(0x80, "ho\",\"é\"]"u8));

        var pong = await client.WebSocket.ReadFrameAsync();
        Assert.Equal((0xA, "hi"), (pong.Opcode, pong.Text));
        Assert.Equal("430[\"é\"]", await client.ReadAsync());
    }

    [Fact]
    public async Task Bytes_may_come_as_base64_too()
    {
        await using var server = await StartAsync();
        await using var client = await server.ConnectAsync();

        await client.SendAsync("451-0[\"echo\",{\"_placeholder\":true,\"num\":0}]");
        await client.SendAsync("bAQIDBA==");

        Assert.Equal("461-0[{\"_placeholder\":true,\"num\":0}]", await client.ReadAsync());
        Assert.Equal("#01020304", await client.ReadAsync());
    }

    [Fact]
    public async Task Bytes_may_come_as_base64_in_lines()
    {
        await using var server = await StartAsync();
        await using var client = await server.ConnectAsync();
        var bytes = Enumerable.Range(0, 200).Select(number => (byte)number).ToArray();

        await client.SendAsync("451-0[\"echo\",{\"_placeholder\":true,\"num\":0}]");
        await client.SendAsync(EngineClient.AndroidBase64Of(bytes));

        Assert.Equal("461-0[{\"_placeholder\":true,\"num\":0}]", await client.ReadAsync());
        Assert.Equal("#" + Convert.ToHexString(bytes), await client.ReadAsync());
    }

    [Fact]
    public async Task Packets_that_mean_nothing_to_a_server_are_ignored()
    {
        await using var server = await StartAsync();
        await using var client = await server.ConnectAsync();

        foreach (var packet in (string[])["0{}", "5", "6", "3"])
            await client.SendAsync(packet);

        await client.SendAsync("420[\"echo\",\"x\"]");
        Assert.Equal("430[\"x\"]", await client.ReadAsync());
    }

    private static Task<SocketIOTestServer> StartAsync()
        => SocketIOTestServer.StartAsync(io => io.OnConnection(socket => socket.On("echo", received => received.Acknowledge([.. received.Values]))));
}
