using System.Buffers;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public partial class MessageAssemblerTests
{
    // §1.4: after a close frame "any further data is discarded"; the peer's own close frame is still waited for.
    [Fact]
    public void Discarding_skips_messages_and_delivers_control_frames()
    {
        byte[] wire =
        [
            .. ClientFrame.Bytes(0x81, "Hello"u8),
            .. ClientFrame.Bytes(0x02, "Hel"u8),
            .. ClientFrame.Bytes(0x89, "1"u8),
            .. ClientFrame.Bytes(0x00, []),
            .. ClientFrame.Bytes(0x80, "lo"u8),
            .. ClientFrame.Bytes(0x82, []),
            .. ClientFrame.Bytes(0x88, Hex.Bytes("03 e8")),
        ];

        Assert.Equal(["Ping 31", "Close 03e8"], DiscardFrom(wire, 0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Discarding_can_begin_at_any_byte_of_any_frame(bool streaming)
    {
        byte[] wire =
        [
            .. ClientFrame.Bytes(0x81, "Hello, €"u8),
            .. ClientFrame.Bytes(0x01, Hex.Bytes("48 65 e2")),
            .. ClientFrame.Bytes(0x89, "1"u8),
            .. ClientFrame.Bytes(0x80, Hex.Bytes("82 ac")),
            .. ClientFrame.Bytes(0x88, Hex.Bytes("03 e8")),
        ];

        for (var from = 0; from <= wire.Length; from++)
        {
            var lines = DiscardFrom(wire, from, streaming);
            Assert.Equal(["Ping 31", "Close 03e8"], lines.Where(line => !line.StartsWith("Text", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public void What_is_discarded_is_neither_limited_nor_looked_at()
    {
        byte[] wire =
        [
            .. ClientFrame.Bytes(0x81, Hex.Bytes("ff c0 80")),
            .. ClientFrame.Bytes(0x01, new byte[100]),
            .. Enumerable.Repeat(ClientFrame.Bytes(0x00, []), 10).SelectMany(frame => frame),
            .. ClientFrame.Bytes(0x80, Hex.Bytes("e2 82")),
            .. ClientFrame.Bytes(0x89, []),
            .. ClientFrame.Header(0x82, long.MaxValue),
            .. new byte[100],
        ];

        Assert.Equal(["Ping"], DiscardFrom(wire, 0));
    }

    [Theory]
    [InlineData("81 05 48656c6c6f")]
    [InlineData("80 80 37fa213d")]
    [InlineData("01 80 37fa213d   01 80 37fa213d")]
    [InlineData("89 fe 007e 37fa213d")]
    public void What_is_discarded_must_still_be_frames(string hex)
        => Assert.Equal(["Fails 1002"], DiscardFrom(Hex.Bytes(hex), 0));

    [Theory]
    [InlineData("", null)]
    [InlineData("89", true)]
    [InlineData("8a", true)]
    [InlineData("88", true)]
    [InlineData("ff", true)]
    [InlineData("81", false)]
    [InlineData("02", false)]
    [InlineData("80", false)]
    [InlineData("f7", false)]
    public void First_byte_tells_whether_a_control_frame_comes_next(string hex, bool? isControl)
    {
        var assembler = new MessageAssembler(Transcript.Roomy);

        Assert.Equal(isControl, assembler.IsControlNext(new ReadOnlySequence<byte>(Hex.Bytes(hex))));
        Assert.Equal(isControl, assembler.IsControlNext(Sequences.Join([], [], Hex.Bytes(hex), [])));
    }

    [Theory]
    [InlineData("89 85 37fa213d 7f", true)]
    [InlineData("81 85 37fa213d 7f", false)]
    public void Inside_a_frame_its_own_kind_is_what_comes_next(string hex, bool isControl)
    {
        var assembler = new MessageAssembler(Transcript.Roomy);
        var input = new ReadOnlySequence<byte>(Hex.Bytes(hex));
        assembler.TryReceive(ref input, out _);

        Assert.Equal(isControl, assembler.IsControlNext(input));
        Assert.Equal(isControl, assembler.IsControlNext(ReadOnlySequence<byte>.Empty));
    }

    /// <summary>Receives byte by byte, discarding from when so many bytes have arrived.</summary>
    private static List<string> DiscardFrom(byte[] wire, int from, bool streaming = false)
    {
        using var assembler = new MessageAssembler(Narrow) { Streaming = streaming };
        var buffer = new ReceiveBuffer(wire, new Segmentation([], ArrivesAtOnce: false, IsSegmented: false));
        var lines = new List<string>();

        try
        {
            for (var end = 0; end <= wire.Length; end++)
            {
                assembler.Discarding = end >= from;
                var unread = buffer.Receive(end);
                while (assembler.TryReceive(ref unread, out var received))
                    lines.Add($"{(received.Kind < ReceivedKind.Ping ? received.Type : received.Kind)} {Hex.Of(received.Payload.ToArray())}".TrimEnd());

                Assert.True(KeepsNothing(unread, assembler));
                buffer.Release(unread);
            }
        }
        catch (ProtocolViolationException violation)
        {
            lines.Add($"Fails {(int)violation.Code}");
        }

        return lines;

        // Data that is discarded does not pile up in the buffer; a control frame and a header wait there until they are whole.
        static bool KeepsNothing(in ReadOnlySequence<byte> unread, MessageAssembler assembler)
            => !assembler.Discarding || !assembler.IsInFrame || assembler.IsControlNext(unread) is true || unread.IsEmpty;
    }
}
