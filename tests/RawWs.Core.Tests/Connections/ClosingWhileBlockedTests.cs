using RawWs.Testing;

namespace RawWs.Tests.Connections;

public sealed class ClosingWhileBlockedTests
{
    // RFC 6455 §7.1.1: TCP ends after the closing handshake. Where the network takes nothing at the moment of closing, our close frame waits for its turn, and
    // the end of TCP waits for that.
    [Theory]
    [InlineData("8802 0FA0", 4000)]
    [InlineData("8100", 1002)]
    public async Task The_close_frame_comes_after_what_is_being_sent_and_before_the_end(string hex, int code)
    {
        var isClosing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await TestServer.StartAsync(async (connection, _) =>
        {
            var sending = connection.SendAsync(new byte[200_000]);
            Assert.Null(await connection.ReceiveAsync());
            Assert.False(sending.IsCompleted);
            isClosing.SetResult();
            await sending;
        });
        await using var client = await server.OpenAsync(capacity: 1024);
        var bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

        // The first is well-formed and gets its mask here; the second is wrong because it has none.
        await client.SendAsync(bytes[0] == 0x88 ? WireFrame.Masked(bytes[0], bytes.AsSpan(2)) : bytes);
        await isClosing.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(200_000, (await client.ReadFrameAsync()).Payload.Length);
        Assert.Equal(code, (await client.ReadFrameAsync()).CloseCode);
        Assert.True(await client.IsAtEndAsync());
    }

    // §1.4: "After sending a control frame indicating the connection should be closed, a peer does not send any further data".
    [Fact]
    public async Task A_pong_that_still_waits_is_not_sent_behind_the_close_frame()
    {
        await using var server = await GatedServer.StartAsync();
        var (network, connection) = await GatedConnection.OpenAsync(server);
        network.Refuse();
        connection.Send("on its way");
        await network.SendAsync(WireFrame.Masked(0x89, "ping"u8));
        _ = connection.PingAsync(TestContext.Current.CancellationToken);

        _ = connection.CloseAsync();
        network.TakeAll();

        Assert.Equal([0x1, 0x8], network.Frames.Select(frame => (int)frame.Opcode));
    }
}
