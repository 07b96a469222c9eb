using System.Buffers;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public sealed class ReceiveMemoryTests
{
    private const int Max = 100_000;

    private readonly ReceiveMemory _memory;
    private int _refusedCount;

    public ReceiveMemoryTests() => _memory = new(Max, () => _refusedCount++);

    [Fact]
    public void What_waits_in_the_input_is_counted_until_the_message_is_complete()
    {
        using var assembler = NewAssembler();
        var wire = ClientFrame.Bytes(0x82, new byte[60_000]);
        var part = new ReadOnlySequence<byte>(wire, 0, 50_006 + 2);
        Assert.False(assembler.TryReceive(ref part, out _));
        Assert.Equal(50_000 - ReceiveMemory.FreeSize, _memory.Taken);

        var whole = new ReadOnlySequence<byte>(wire, 8, 60_000);
        Assert.True(assembler.TryReceive(ref whole, out var received));
        Assert.Equal((60_000, 0), (received.Payload.Length, _memory.Taken));
    }

    [Fact]
    public void What_is_collected_is_counted_with_the_room_behind_it()
    {
        using var assembler = NewAssembler();
        Receive(assembler, ClientFrame.Bytes(0x02, new byte[33_000]));
        Assert.Equal(65_536 - ReceiveMemory.FreeSize, _memory.Taken);

        // A control frame between changes nothing.
        Receive(assembler, ClientFrame.Bytes(0x89, "ping"u8));
        Assert.Equal(65_536 - ReceiveMemory.FreeSize, _memory.Taken);
        Receive(assembler, ClientFrame.Bytes(0x80, []));
        Assert.Equal(0, _memory.Taken);
    }

    [Fact]
    public void What_one_gives_back_another_may_hold()
    {
        var (one, other) = (0L, 0L);
        _memory.Count(Max + ReceiveMemory.FreeSize, ref one);
        Assert.Throws<ProtocolViolationException>(() => _memory.Count(ReceiveMemory.FreeSize + 1, ref other));
        Assert.Equal((1, Max), (_refusedCount, _memory.Taken));

        _memory.Count(Max + ReceiveMemory.FreeSize - 1, ref one);
        _memory.Count(ReceiveMemory.FreeSize + 1, ref other);
        Assert.Equal((1, Max, 1), (_refusedCount, _memory.Taken, other));
    }

    [Fact]
    public void What_is_announced_is_not_counted()
    {
        using var assembler = NewAssembler();
        Receive(assembler, ClientFrame.Bytes(0x82, new byte[1 << 20])[..20]);
        Assert.Equal(0, _memory.Taken);
    }

    [Fact]
    public void A_message_that_is_delivered_as_it_comes_takes_nothing()
    {
        using var assembler = NewAssembler();
        assembler.Streaming = true;
        Receive(assembler, ClientFrame.Bytes(0x82, new byte[90_000])[..80_000]);
        Assert.Equal(0, _memory.Taken);
    }

    [Fact]
    public void Whoever_wants_more_than_there_is_fails_with_1013_and_gives_back_what_it_had()
    {
        using var first = NewAssembler();
        using var second = NewAssembler();
        using var small = NewAssembler();
        Receive(first, ClientFrame.Bytes(0x82, new byte[90_000])[..80_000]);
        Receive(second, ClientFrame.Bytes(0x82, new byte[90_000])[..30_000]);
        var taken = _memory.Taken;

        var more = new ReadOnlySequence<byte>(new byte[80_000]);
        var error = Assert.Throws<ProtocolViolationException>(() => second.TryReceive(ref more, out _));
        Assert.Equal((CloseCode.TryAgainLater, 1), (error.Code, _refusedCount));
        Assert.Equal(taken, _memory.Taken);

        // Small ones are free for everybody, and the first goes on.
        Receive(small, ClientFrame.Bytes(0x02, new byte[ReceiveMemory.FreeSize]));
        second.Dispose();
        Assert.InRange(_memory.Taken, 1, taken - 1);
        first.End();
        Assert.Equal(0, _memory.Taken);
    }

    [Fact]
    public void After_a_close_frame_nothing_is_held()
    {
        using var assembler = NewAssembler();
        Receive(assembler, ClientFrame.Bytes(0x02, new byte[60_000]));
        assembler.Discarding = true;
        Receive(assembler, ClientFrame.Bytes(0x00, new byte[60_000])[..50_000]);
        Assert.Equal(0, _memory.Taken);
    }

    private MessageAssembler NewAssembler() => new(new MessageLimits(1 << 20, 1 << 20, 1_000) { Memory = _memory });

    private static void Receive(MessageAssembler assembler, byte[] wire)
    {
        var input = new ReadOnlySequence<byte>(wire);
        while (assembler.TryReceive(ref input, out _))
        {
            // Whatever it is.
        }
    }
}
