using System.Buffers;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public partial class MessageAssemblerTests
{
    private const int Repetitions = 1_000;

    [Fact]
    public void Unfragmented_message_is_delivered_where_it_was_received()
    {
        var wire = ClientFrame.Bytes(0x81, "Hello"u8);
        var input = new ReadOnlySequence<byte>(wire);

        Assert.True(new MessageAssembler(Transcript.Roomy).TryReceive(ref input, out var received));
        Assert.Equal("Hello"u8, wire.AsSpan(6));
        wire[6] = (byte)'J';
        Assert.Equal("Jello"u8, received.Payload.ToArray());
    }

    [Fact]
    public void Collected_message_does_not_live_in_the_receive_buffer()
    {
        var wire = Hex.Bytes("01 83 37fa213d 7f9f4d   80 82 37fa213d 5b95");
        var input = new ReadOnlySequence<byte>(wire);

        Assert.True(new MessageAssembler(Transcript.Roomy).TryReceive(ref input, out var received));
        wire.AsSpan().Fill(0xDD);
        Assert.Equal("Hello"u8, received.Payload.ToArray());
    }

    // A caller that asks again without new input must not unmask what waits a second time.
    [Fact]
    public void Asking_again_without_new_input_changes_nothing()
    {
        var wire = ClientFrame.Bytes(0x81, "Hello"u8);
        var assembler = new MessageAssembler(Transcript.Roomy);
        var unread = new ReadOnlySequence<byte>(wire, 0, 9);

        for (var repetition = 0; repetition < 3; repetition++)
            Assert.False(assembler.TryReceive(ref unread, out _));

        Assert.Equal(3, unread.Length);
        unread = new ReadOnlySequence<byte>(wire, 6, 5);
        Assert.True(assembler.TryReceive(ref unread, out var received));
        Assert.Equal("Hello"u8, received.Payload.ToArray());
    }

    [Fact]
    public void Incomplete_control_frame_is_not_unmasked_before_it_is_whole()
    {
        var wire = ClientFrame.Bytes(0x89, "Hello"u8);
        byte[] untouched = [.. wire];
        var assembler = new MessageAssembler(Transcript.Roomy);
        var unread = new ReadOnlySequence<byte>(wire, 0, wire.Length - 1);

        Assert.False(assembler.TryReceive(ref unread, out _));
        Assert.Equal(untouched, wire);
    }

    [Fact]
    public void Mode_is_that_in_which_the_message_began()
    {
        var assembler = new MessageAssembler(Transcript.Roomy);
        var input = new ReadOnlySequence<byte>(Hex.Bytes("01 83 37fa213d 7f9f4d"));
        Assert.False(assembler.TryReceive(ref input, out _));

        assembler.Streaming = true;
        input = new ReadOnlySequence<byte>(Hex.Bytes("80 82 37fa213d 5b95   82 81 00000000 2a"));
        Assert.True(assembler.TryReceive(ref input, out var first));
        Assert.Equal((ReceivedKind.Message, 5L), (first.Kind, first.Payload.Length));
        Assert.True(assembler.TryReceive(ref input, out var second));
        Assert.Equal((ReceivedKind.MessagePart, true), (second.Kind, second.EndOfMessage));
    }

    [Fact]
    public void Streamed_part_is_delivered_as_soon_as_it_arrives()
    {
        var wire = ClientFrame.Bytes(0x82, Hex.Bytes("01 02 03 04"));
        var assembler = new MessageAssembler(Transcript.Roomy) { Streaming = true };
        var unread = new ReadOnlySequence<byte>(wire, 0, 7);

        Assert.True(assembler.TryReceive(ref unread, out var part));
        Assert.Equal((ReceivedKind.MessagePart, MessageType.Binary, false), (part.Kind, part.Type, part.EndOfMessage));
        Assert.Equal([0x01], part.Payload.ToArray());
        Assert.True(unread.IsEmpty);

        Assert.False(assembler.TryReceive(ref unread, out _));
        unread = new ReadOnlySequence<byte>(wire, 7, 3);
        Assert.True(assembler.TryReceive(ref unread, out part));
        Assert.True(part.EndOfMessage);
        Assert.Equal([0x02, 0x03, 0x04], part.Payload.ToArray());
    }

    [Fact]
    public void Streamed_message_of_empty_fragments_is_one_empty_part_at_its_end()
    {
        var assembler = new MessageAssembler(Transcript.Roomy) { Streaming = true };
        var input = new ReadOnlySequence<byte>(Hex.Bytes("02 80 37fa213d   00 80 37fa213d   80 80 37fa213d"));

        Assert.True(assembler.TryReceive(ref input, out var part));
        Assert.True(part.EndOfMessage);
        Assert.True(part.Payload.IsEmpty);
        Assert.False(assembler.TryReceive(ref input, out _));
    }

    // The application still works on a message while control frames, and perhaps the next fragments, are taken out behind it.
    [Fact]
    public void Collected_message_stays_while_control_frames_are_received_and_the_next_is_collected()
    {
        using var assembler = new MessageAssembler(Transcript.Roomy);
        var input = new ReadOnlySequence<byte>(
            [.. Hex.Bytes("01 83 37fa213d 7f9f4d   80 82 37fa213d 5b95"), .. ClientFrame.Bytes(0x89, [0x2A]), .. ClientFrame.Bytes(0x02, new byte[5])]);

        Assert.True(assembler.TryReceive(ref input, out var message));
        Assert.True(assembler.TryReceive(ref input, out var ping));
        Assert.False(assembler.TryReceive(ref input, out _));

        Assert.Equal((ReceivedKind.Message, ReceivedKind.Ping), (message.Kind, ping.Kind));
        Assert.Equal("Hello"u8, message.Payload.ToArray());
    }

    [Fact]
    public void Memory_released_twice_is_given_back_once()
    {
        using var assembler = new MessageAssembler(Transcript.Roomy);
        var input = new ReadOnlySequence<byte>([
            .. ClientFrame.Bytes(0x02, [1]),
            .. ClientFrame.Bytes(0x80, [2]),
            .. ClientFrame.Bytes(0x02, [3]),
        ]);
        Assert.True(assembler.TryReceive(ref input, out _));
        assembler.ReleaseDelivered();
        assembler.ReleaseDelivered();
        Assert.False(assembler.TryReceive(ref input, out _));

        // The array that was released twice was given back once: what is being collected now and what the pool hands out are two.
        var rented = ArrayPool<byte>.Shared.Rent(256);
        rented.AsSpan().Fill(0xDD);
        input = new ReadOnlySequence<byte>(ClientFrame.Bytes(0x80, [4]));
        Assert.True(assembler.TryReceive(ref input, out var second));
        Assert.Equal([3, 4], second.Payload.ToArray());
        ArrayPool<byte>.Shared.Return(rented);
    }

    [Fact]
    public void Disposing_twice_or_without_a_message_is_harmless()
    {
        var assembler = new MessageAssembler(Transcript.Roomy);
        assembler.Dispose();
        var input = new ReadOnlySequence<byte>(Hex.Bytes("01 83 37fa213d 7f9f4d"));
        assembler.TryReceive(ref input, out _);

        assembler.Dispose();
        assembler.Dispose();
    }

    [Theory]
    [InlineData("81 85 37fa213d 7f9f4d5158", false)]
    [InlineData("82 85 37fa213d 7f9f4d5158", true)]
    [InlineData("89 85 37fa213d 7f9f4d5158", false)]
    [InlineData("01 83 37fa213d 7f9f4d   80 82 37fa213d 5b95", false)]
    [InlineData("01 83 37fa213d 7f9f4d   80 82 37fa213d 5b95", true)]
    public void Receiving_allocates_nothing_in_the_steady_state(string hex, bool streaming)
    {
        byte[] wire = [.. Hex.Bytes(hex)], memory = [.. wire];
        var assembler = new MessageAssembler(Transcript.Roomy) { Streaming = streaming };

        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var repetition = 0; repetition < Repetitions; repetition++)
            {
                wire.CopyTo(memory, 0);
                var input = new ReadOnlySequence<byte>(memory);
                while (assembler.TryReceive(ref input, out _))
                    assembler.ReleaseDelivered();
            }
        }));
    }

    [Fact]
    public void Receiving_from_several_segments_allocates_nothing_in_the_steady_state()
    {
        var wire = ClientFrame.Bytes(0x81, "Hello, Hello, Hello"u8);
        byte[] memory = [.. wire];
        var sequence = Sequences.Cut(memory, 0, memory.Length, 1, 5, 9, 20);
        var assembler = new MessageAssembler(Transcript.Roomy);

        Assert.Equal(0, Allocation.Of(() =>
        {
            for (var repetition = 0; repetition < Repetitions; repetition++)
            {
                wire.CopyTo(memory, 0);
                var input = sequence;
                assembler.TryReceive(ref input, out _);
            }
        }));
    }
}
