namespace RawWs.Load.Tests;

public class FrameRingTests
{
    [Fact]
    public void A_frame_is_masked_and_its_reply_is_not()
    {
        var ring = new FrameRing(payloadSize: 10, isText: true);

        // Message 1 is "00000001", then the pattern from ' ' + 1 + 8 on, masked with 37 FA 21 3D.
        Assert.Equal("818A37FA213D" + "07CA110D07CA110C1ED0", Convert.ToHexString(ring.Frames.AsSpan(ring.FrameLength, ring.FrameLength)));
        Assert.Equal("810A" + "3030303030303031" + "292A", Convert.ToHexString(ring.Replies.AsSpan(ring.ReplyLength, ring.ReplyLength)));
    }

    [Fact]
    public void A_form_stands_around_the_text_and_the_number_is_found_behind_it()
    {
        var ring = new FrameRing(payloadSize: 10, form: MessageForm.SocketIOAck);
        var second = ring.Replies.AsSpan(ring.ReplyLength, ring.ReplyLength);

        // 43 10000001 ["00000001jk"], as text.
        Assert.Equal("8118" + Convert.ToHexString("4310000001[\"00000001jk\"]"u8), Convert.ToHexString(second));
        Assert.True(ring.TryReadNumber(second[ring.ReplyHeaderLength..], out var number));
        Assert.Equal(1, number);
    }

    [Theory]
    [InlineData(1, "8201")]
    [InlineData(125, "827D")]
    [InlineData(126, "827E007E")]
    [InlineData(65_535, "827EFFFF")]
    [InlineData(65_536, "827F0000000000010000")]
    public void The_payload_length_has_its_shortest_form(int size, string header)
    {
        var ring = new FrameRing(size);

        Assert.Equal(header, Convert.ToHexString(ring.Replies.AsSpan(0, ring.ReplyHeaderLength)));
        Assert.Equal(header.Length / 2 + 4 + size, ring.FrameLength);
    }

    [Fact]
    public void As_many_frames_as_a_burst_lie_in_one_piece_wherever_it_begins()
    {
        const int Burst = 5;
        var ring = new FrameRing(payloadSize: 64, Burst);
        var twice = ring.Frames.AsSpan(0, ring.Count * ring.FrameLength).ToArray().Concat(ring.Frames).ToArray();

        var last = (ring.Count - 1) * ring.FrameLength;
        Assert.Equal(twice[last..(last + (Burst * ring.FrameLength))], ring.Frames[last..(last + (Burst * ring.FrameLength))]);
    }

    [Fact]
    public void No_two_messages_are_alike()
    {
        var ring = new FrameRing(payloadSize: 64, minCount: 3000);

        Assert.Equal(3000, ring.Replies.Chunk(ring.ReplyLength).Select(Convert.ToHexString).Distinct().Count());
    }
}
