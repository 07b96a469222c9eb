using System.Text;
using RawWs.Testing;

namespace RawWs.Tests.Server;

public sealed class HandshakeSplitTests
{
    private static readonly byte[] Session =
    [
        .. Encoding.ASCII.GetBytes(WireClient.Handshake + "Sec-WebSocket-Protocol: a, b\r\n\r\n"),
        .. WireFrame.MaskedText("Hel", fin: false),
        .. WireFrame.Masked(0x89, 1, 2, 3),
        .. WireFrame.Masked(0x80, "lo"u8),
        .. WireFrame.MaskedClose(4000, "enough"),
    ];

    [Fact]
    public async Task Bytes_pipelined_behind_the_handshake_reach_the_connection()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.Subprotocols.Add("b"));
        await using var client = server.Connect();

        await client.SendAsync(Session);

        await AssertAnsweredAsync(client);
    }

    [Fact]
    public async Task A_session_may_come_byte_by_byte()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.Subprotocols.Add("b"));
        await using var client = server.Connect();

        await client.SendByteByByteAsync(Session);

        await AssertAnsweredAsync(client);
    }

    [Fact]
    public async Task A_session_may_be_split_anywhere()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.Subprotocols.Add("b"));

        for (var split = 1; split < Session.Length; split++)
        {
            await using var client = server.Connect();
            await client.SendAsync(Session[..split]);
            if (split < Session.Length - 1)
                await client.WaitUntilServerWaitsAsync();

            await client.SendAsync(Session[split..]);
            await AssertAnsweredAsync(client);
        }

        Assert.Empty(server.Log.AboveDebug);
    }

    // The head is gathered from several segments, and then there are more frames than one segment holds.
    [Fact]
    public async Task A_large_head_may_be_followed_by_many_frames()
    {
        await using var server = await TestServer.StartAsync();
        await using var client = server.Connect();
        var frames = Enumerable.Range(0, 1000).SelectMany(number => WireFrame.MaskedText($"{number}"));

        var bytes = Encoding.ASCII.GetBytes(WireClient.Handshake + $"X-Large: {new string('x', 12_000)}\r\n\r\n").Concat(frames).ToArray();
        foreach (var piece in bytes.Chunk(5000))
            await client.SendAsync(piece);

        await client.ReadHeadAsync();
        for (var number = 0; number < 1000; number++)
            Assert.Equal($"{number}", (await client.ReadFrameAsync()).Text);
    }

    private static async Task AssertAnsweredAsync(WireClient client)
    {
        var head = await client.ReadHeadAsync();
        Assert.StartsWith("HTTP/1.1 101 ", head, StringComparison.Ordinal);
        Assert.Contains("\r\nSec-WebSocket-Protocol: b\r\n", head, StringComparison.Ordinal);

        var pong = await client.ReadFrameAsync();
        Assert.Equal((0x8A, "010203"), (pong.First, Convert.ToHexString(pong.Payload)));
        var echo = await client.ReadFrameAsync();
        Assert.Equal((0x81, "Hello"), (echo.First, echo.Text));
        Assert.Equal(4000, (await client.ReadFrameAsync()).CloseCode);
        Assert.True(await client.IsAtEndAsync());
    }
}
