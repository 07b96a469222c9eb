using System.Buffers;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public class UnreadBytesTests
{
    private static readonly byte[] Ten = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

    [Fact]
    public void Nothing_is_unread_of_nothing()
    {
        var unread = default(UnreadBytes);

        Assert.True(unread.IsEmpty);
        Assert.True(unread.FirstSpan.IsEmpty);
        Assert.True(unread.Sequence.IsEmpty);
    }

    [Fact]
    public void Frames_are_moved_over_one_after_the_other()
    {
        var unread = new UnreadBytes(new ReadOnlySequence<byte>(Ten, 1, 8));

        Assert.Equal([3, 4], unread.TakeFrame(headerLength: 2, payloadLength: 2).ToArray());
        Assert.Equal((byte[])[5, 6, 7, 8], unread.FirstSpan);
        Assert.Equal([5, 6, 7, 8], unread.Sequence.ToArray());
        Assert.Equal(4, unread.Length);

        Assert.Equal([7, 8], unread.TakeFrame(headerLength: 2, payloadLength: 2).ToArray());
        Assert.True(unread.IsEmpty);
        Assert.True(unread.FirstSpan.IsEmpty);
        Assert.True(unread.Sequence.IsEmpty);
    }

    [Fact]
    public void Start_is_a_position_in_the_sequence_that_arrived()
    {
        var arrived = Sequences.Cut(Ten, 0, Ten.Length, 6);
        var unread = new UnreadBytes(arrived);
        Assert.Equal(arrived.Start, unread.Start);

        unread.TakeFrame(headerLength: 2, payloadLength: 1);
        Assert.Equal(3, arrived.Slice(0, unread.Start).Length);

        unread.TakeFrame(headerLength: 2, payloadLength: 1);
        Assert.Equal(6, arrived.Slice(0, unread.Start).Length);
        Assert.Equal((byte[])[6, 7, 8, 9], unread.Sequence.ToArray());
        Assert.Equal(4, unread.Length);
    }

    [Fact]
    public void First_segment_alone_is_at_hand_and_the_others_are_unread_as_well()
    {
        var unread = new UnreadBytes(Sequences.Cut(Ten, 0, Ten.Length, 4, 7));

        Assert.Equal((byte[])[0, 1, 2, 3], unread.FirstSpan);
        Assert.Equal(10, unread.Length);
    }

    // What a transport receives into is its own affair; it need not be an array.
    [Fact]
    public void Messages_in_memory_that_is_no_array_are_received_as_any_other()
    {
        using var memory = new NoArray([.. ClientFrame.Bytes(0x81, "Hello"u8), .. ClientFrame.Bytes(0x82, [1, 2, 3])]);
        var unread = new UnreadBytes(new ReadOnlySequence<byte>(memory.Memory));
        using var assembler = new MessageAssembler(Transcript.Roomy);

        Assert.True(unread.FirstSpan.IsEmpty);
        Assert.True(assembler.TryReceive(ref unread, out var first));
        Assert.Equal("Hello"u8, first.Payload.ToArray());
        Assert.True(assembler.TryReceive(ref unread, out var second));
        Assert.Equal([1, 2, 3], second.Payload.ToArray());
        Assert.False(assembler.TryReceive(ref unread, out _));
        Assert.True(unread.IsEmpty);
    }

    private sealed class NoArray(byte[] bytes) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => bytes;

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin() => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
        }
    }
}
