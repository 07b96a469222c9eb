using System.Buffers;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

// Messages that are there whole, in one frame and one segment, go a way of their own: it must come to the same end as the other. Every Transcript goes both.
public partial class MessageAssemblerTests
{
    [Theory]
    [InlineData(0x81)]
    [InlineData(0x82)]
    public void Whole_message_of_any_length_is_the_same_on_both_ways(byte first)
    {
        foreach (var length in Enumerable.Range(0, 300).Concat([4095, 4096, 4097, 65_535, 65_536, 65_537]))
        {
            byte[] payload = [.. Enumerable.Repeat((byte)'x', length)];
            byte[] wire = [.. ClientFrame.Bytes(first, payload), .. ClientFrame.Bytes(0x89, "p"u8)];
            var lines = Transcript.Of(wire, new Segmentation([], ArrivesAtOnce: true, IsSegmented: false), Transcript.Roomy, streaming: false);

            Assert.Equal([$"{(first == 0x81 ? "Text" : "Binary")} {Hex.Of(payload)}".TrimEnd(), "Ping 70"], lines);
        }
    }

    [Theory]
    [InlineData("81 81 00000000 ff", 1007)]
    [InlineData("81 83 00000000 6162c3", 1007)]
    [InlineData("82 fe 0005 00000000 0000000000", 1002)]
    [InlineData("82 ff 0000000000000005 00000000 0000000000", 1002)]
    [InlineData("82 05 0000000000", 1002)]
    [InlineData("83 85 00000000 0000000000", 1002)]
    [InlineData("c1 85 00000000 0000000000", 1002)]
    [InlineData("a1 85 00000000 0000000000", 1002)]
    [InlineData("80 85 00000000 0000000000", 1002)]
    public void Whole_frame_that_is_wrong_fails_behind_a_right_one(string hex, int code)
        => Assert.Equal(["Binary 2a2a2a", $"Fails {code}"], Transcript.Of($"82 83 00000000 2a2a2a {hex}"));

    [Fact]
    public void Whole_message_inside_a_fragmented_one_fails_with_1002()
        => Assert.Equal(["Fails 1002"], Transcript.Of("01 83 00000000 616263   81 83 00000000 616263"));

    [Fact]
    public void Whole_message_above_the_limit_fails_with_1009()
    {
        var limits = new MessageLimits(MaxMessageSize: 10, MaxStreamedMessageSize: 10, MaxFragmentCount: 1);

        Assert.Equal([$"Binary {Hex.Of(new byte[10])}"], Transcript.Of(ClientFrame.Bytes(0x82, new byte[10]), limits));
        Assert.Equal(["Fails 1009"], Transcript.Of(ClientFrame.Bytes(0x82, new byte[11]), limits));
    }

    [Fact]
    public void Whole_message_in_the_next_segment_is_delivered_where_it_was_received()
    {
        var (first, second) = (ClientFrame.Bytes(0x82, [1, 2, 3]), ClientFrame.Bytes(0x82, [4, 5, 6]));
        var unread = new UnreadBytes(Sequences.Join(first, second));
        using var assembler = new MessageAssembler(Transcript.Roomy);

        Assert.True(assembler.TryReceive(ref unread, out _));
        Assert.True(assembler.TryReceive(ref unread, out var received));
        second[^1] = 7;
        Assert.Equal([4, 5, 7], received.Payload.ToArray());
    }

    [Fact]
    public void Streamed_message_that_is_there_whole_is_a_part_all_the_same()
    {
        var unread = new UnreadBytes(new ReadOnlySequence<byte>(ClientFrame.Bytes(0x82, [1, 2, 3])));
        using var assembler = new MessageAssembler(Transcript.Roomy) { Streaming = true };

        Assert.True(assembler.TryReceive(ref unread, out var part));
        Assert.Equal((ReceivedKind.MessagePart, true), (part.Kind, part.EndOfMessage));
    }

    [Fact]
    public void Whole_message_is_discarded_as_any_other()
    {
        var unread = new UnreadBytes(new ReadOnlySequence<byte>([.. ClientFrame.Bytes(0x82, [1, 2, 3]), .. ClientFrame.Bytes(0x88, [])]));
        using var assembler = new MessageAssembler(Transcript.Roomy) { Discarding = true };

        Assert.True(assembler.TryReceive(ref unread, out var received));
        Assert.Equal(ReceivedKind.Close, received.Kind);
        Assert.True(unread.IsEmpty);
    }

    [Fact]
    public void Observer_is_told_of_every_frame_and_message_once()
    {
        byte[] wire =
        [
            .. ClientFrame.Bytes(0x82, [1, 2, 3]), .. ClientFrame.Bytes(0x01, "a"u8), .. ClientFrame.Bytes(0x89, []), .. ClientFrame.Bytes(0x80, "b"u8), .. ClientFrame.Bytes(0x82, []),
        ];

        Assert.Equal(
            ["whole Binary 3", "frame Text 1", "frame Ping 0", "frame Continuation 1", "message Text", "frame Binary 0", "message Binary"],
            Observe(wire, wire.Length));

        // However it is split: whether it has come in one piece does not change how often a message is counted.
        for (var split = 1; split < wire.Length; split++)
        {
            var told = Observe(wire, split);
            Assert.Equal(3, told.Count(line => !line.StartsWith("frame", StringComparison.Ordinal)));
            Assert.Equal(5, told.Count(line => !line.StartsWith("message", StringComparison.Ordinal)));
        }
    }

    [Theory]
    [InlineData(0xFF)]
    [InlineData(0xC3)]
    public void Observer_is_told_of_the_frame_whose_text_is_not_valid(byte last)
    {
        var observer = new RecordingObserver();
        using var assembler = new MessageAssembler(Transcript.Roomy, observer: observer);
        var unread = new UnreadBytes(new ReadOnlySequence<byte>(ClientFrame.Bytes(0x81, [.. "Hello"u8, last])));

        Assert.Throws<ProtocolViolationException>(() => assembler.TryReceive(ref unread, out _));

        Assert.Equal(["frame Text 6"], observer.Told);
    }

    [Fact]
    public void Receiving_many_whole_messages_allocates_nothing_in_the_steady_state()
    {
        byte[] wire = [.. Enumerable.Repeat(ClientFrame.Bytes(0x81, "Hello, Hello, Hello"u8), 100).SelectMany(frame => frame)], memory = [.. wire];
        using var assembler = new MessageAssembler(Transcript.Roomy);
        var count = 0;

        Assert.Equal(0, Allocation.Of(() =>
        {
            wire.CopyTo(memory, 0);
            var unread = new UnreadBytes(new ReadOnlySequence<byte>(memory));
            for (count = 0; assembler.TryReceive(ref unread, out _);)
                count++;
        }));
        Assert.Equal(100, count);
    }

    private static List<string> Observe(byte[] wire, int split)
    {
        var observer = new RecordingObserver();
        using var assembler = new MessageAssembler(Transcript.Roomy, observer: observer);
        byte[] memory = [.. wire];
        var unread = new UnreadBytes(new ReadOnlySequence<byte>(memory, 0, split));
        while (assembler.TryReceive(ref unread, out _))
        {
        }

        unread = new UnreadBytes(new ReadOnlySequence<byte>(memory, split - (int)unread.Length, wire.Length - split + (int)unread.Length));
        while (assembler.TryReceive(ref unread, out _))
        {
        }

        return observer.Told;
    }

    private sealed class RecordingObserver : IReceiveObserver
    {
        public List<string> Told { get; } = [];

        public void FrameReceived(Opcode opcode, long payloadLength) => Told.Add($"frame {opcode} {payloadLength}");

        public void MessageReceived(MessageType type) => Told.Add($"message {type}");

        public void WholeMessageReceived(MessageType type, int payloadLength) => Told.Add($"whole {type} {payloadLength}");
    }
}
