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

    [Fact]
    public async Task A_message_is_as_large_as_it_may_be()
    {
        var message = $"420[\"echo\",\"{new string('x', 80)}\"]";
        await using var server = await SocketIOTestServer.StartAsync(
            io => io.OnConnection(socket => socket.On("echo", (string text) => text.Length)), options => options.MaxPayload = message.Length);
        await using var client = await server.ConnectAsync();

        await client.SendAsync(message);

        Assert.Equal("430[80]", await client.ReadAsync());
    }

    [Theory]
    [InlineData(0xF1, 4, 1002)]
    [InlineData(0x83, 4, 1002)]
    [InlineData(0x81, 4, 1007)]
    [InlineData(0x81, 1_000_001, 1009)]
    [InlineData(0x81, 2_000_000, 1009)]
    public async Task Who_breaks_a_rule_of_WebSockets_is_gone_by_a_fault_of_its_transport(byte firstByte, int length, int closeCode)
    {
        var gone = new TaskCompletionSource<DisconnectReason>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(socket => socket.OnDisconnect(gone.SetResult)));
        await using var client = await server.ConnectAsync();

        // No UTF-8, where that is looked at.
        var payload = new byte[length];
        payload.AsSpan().Fill(length < 10 ? (byte)0xFF : (byte)'4');
        await client.WebSocket.SendAsync(WireFrame.Masked(firstByte, payload));

        Assert.Equal($"close {closeCode}", await client.ReadAsync());
        Assert.Equal(DisconnectReason.TransportError, await gone.Task.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    [Theory]
    [InlineData("03E9")]
    [InlineData("")]
    public async Task Who_closes_its_WebSocket_has_ended_the_connection(string payload)
    {
        var gone = new TaskCompletionSource<DisconnectReason>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(socket => socket.OnDisconnect(gone.SetResult)));
        await using var client = await server.ConnectAsync();

        await client.WebSocket.SendAsync(WireFrame.Masked(0x88, Convert.FromHexString(payload)));

        Assert.Equal(DisconnectReason.TransportClose, await gone.Task.WaitAsync(TimeSpan.FromSeconds(30)));
    }

    private static Task<SocketIOTestServer> StartAsync()
        => SocketIOTestServer.StartAsync(io => io.OnConnection(socket => socket.On("echo", received => received.Acknowledge([.. received.Values]))));
}
