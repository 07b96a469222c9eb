namespace RawWs.Host.Tests;

public class ControlFrameObserverTests
{
    private static readonly byte[] Head = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"u8.ToArray();

    // A text in two fragments with a ping between them, 126 bytes of binary, three whose length takes eight bytes, a pong without payload, and a close frame (RFC 6455 §5.2, §5.5).
    private static readonly byte[] Frames = [.. Convert.FromHexString("0103616263" + "890470696E67" + "80026465" + "827E007E"), .. Enumerable.Repeat((byte)0x89, 126), .. Convert.FromHexString("827F0000000000000003890089" + "8A00" + "880203E8")];

    [Fact]
    public async Task Control_frames_are_seen_at_every_split_and_nothing_is_changed()
    {
        byte[] all = [.. Head, .. Frames];
        for (var size = 1; size <= all.Length; size++)
        {
            var seen = new List<SeenControlFrame>();

            Assert.Equal(all, await ReadAsync(all, size, seen));
            Assert.Equal([(9, "70696E67"), (10, ""), (8, "03E8")], seen.Select(frame => (frame.Opcode, Convert.ToHexString(frame.Payload))));
        }
    }

    [Theory]
    [InlineData("8980FFFFFFFF8900")]
    [InlineData("897E007E8900")]
    [InlineData("89FF8900")]
    public async Task What_no_server_may_send_ends_the_looking(string frames)
    {
        var seen = new List<SeenControlFrame>();

        await ReadAsync([.. Head, .. Convert.FromHexString(frames)], 1, seen);

        Assert.Empty(seen);
    }

    [Fact]
    public async Task A_response_that_is_no_WebSocket_has_no_frames()
    {
        var seen = new List<SeenControlFrame>();

        await ReadAsync([.. "HTTP/1.1 200 OK\r\n\r\n"u8, .. Frames], 7, seen);

        Assert.Empty(seen);
    }

    private static async Task<byte[]> ReadAsync(byte[] bytes, int size, List<SeenControlFrame> seen)
    {
        using var copy = new MemoryStream();
        await using var observer = new ControlFrameObserver(new MemoryStream(bytes), seen.Add);
        var piece = new byte[size];
        while (await observer.ReadAsync(piece, TestContext.Current.CancellationToken) is > 0 and var count)
            copy.Write(piece, 0, count);

        return copy.ToArray();
    }
}
