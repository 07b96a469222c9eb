namespace RawWs.Load.Tests;

public class ReplyStreamTests
{
    private const int Size = 16;
    private static readonly byte[] Ping = [0x89, 0x02, 0x68, 0x69];
    private static readonly byte[] Close = [0x88, 0x02, 0x03, 0xE8];

    private readonly FrameRing _ring = new(Size);

    [Fact]
    public void What_comes_is_counted_in_any_split_also_around_the_ring()
    {
        byte[] bytes = [.. _ring.Replies, .. Reply(0), .. Ping, .. Reply(1), .. Close];
        for (var size = 1; size < 200; size++)
        {
            var replies = new ReplyStream(_ring);
            var (count, controls) = Read(replies, bytes.Chunk(size));

            Assert.Equal(_ring.Count + 2, count);
            Assert.Equal(_ring.Count + 2, replies.Next);
            Assert.Equal(["9:6869", "8:03E8"], controls);
        }
    }

    [Fact]
    public void A_single_wrong_byte_is_found_wherever_it_is()
    {
        for (var place = 0; place < Reply(1).Length; place++)
        {
            byte[] bytes = [.. Reply(0), .. Reply(1), .. Reply(2)];
            bytes[_ring.ReplyLength + place] ^= 0x01;

            Assert.Throws<InvalidDataException>(() => Read(new ReplyStream(_ring), [bytes]));
        }
    }

    [Fact]
    public void A_message_that_comes_in_the_place_of_another_is_wrong()
        => Assert.Throws<InvalidDataException>(() => Read(new ReplyStream(_ring), [Reply(1)]));

    [Fact]
    public void In_a_broadcast_what_is_left_out_is_counted()
    {
        byte[] bytes = [.. Reply(0), .. Reply(3), .. Ping, .. Reply(4), .. Reply(6)];
        for (var size = 1; size < bytes.Length; size++)
        {
            var replies = new ReplyStream(_ring, mayMiss: true);
            var (count, controls) = Read(replies, bytes.Chunk(size));

            Assert.Equal((4, 3, 0, 7), (count, replies.MissedCount, replies.LateCount, replies.Next));
            Assert.Equal(["9:6869"], controls);
        }
    }

    [Fact]
    public void In_a_broadcast_what_comes_late_or_twice_is_counted_and_is_no_delivery()
    {
        var replies = new ReplyStream(_ring, mayMiss: true);
        var (count, _) = Read(replies, [[.. Reply(0), .. Reply(2), .. Reply(1), .. Reply(2), .. Reply(3)]]);

        Assert.Equal((3, 1, 2, 4), (count, replies.MissedCount, replies.LateCount, replies.Next));
    }

    [Fact]
    public void In_a_broadcast_a_payload_that_is_nobodys_is_wrong()
    {
        byte[] bytes = [.. Reply(0), .. Reply(1)];
        bytes[^1] ^= 0x01;

        Assert.Throws<InvalidDataException>(() => Read(new ReplyStream(_ring, mayMiss: true), [bytes]));
    }

    [Theory]
    [InlineData("827E0400")]
    [InlineData("827FFFFFFFFFFFFFFFFF")]
    [InlineData("C210303030303030303030303030303030303030")]
    [InlineData("0210303030303030303030303030303030303030")]
    public void A_frame_of_another_kind_is_wrong(string hex)
        => Assert.Throws<InvalidDataException>(() => Read(new ReplyStream(_ring), [Convert.FromHexString(hex)]));

    private byte[] Reply(int number) => _ring.Replies.AsSpan(number * _ring.ReplyLength, _ring.ReplyLength).ToArray();

    private static (int Count, List<string> Controls) Read(ReplyStream replies, IEnumerable<byte[]> arrivals)
    {
        var count = 0;
        var controls = new List<string>();
        foreach (var arrival in arrivals)
        {
            ReadOnlySpan<byte> received = arrival;
            while (!received.IsEmpty)
            {
                count += replies.Read(ref received, out var control);
                if (control is { } frame)
                    controls.Add($"{frame.Opcode}:{Convert.ToHexString(frame.Payload)}");
            }
        }

        return (count, controls);
    }
}
