using System.Buffers;
using System.Buffers.Binary;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public class PlainFrameHeaderTests
{
    private static readonly ushort[] ThirdAndFourth = [0, 1, 125, 126, 127, 128, 255, 256, 65_535];

    // Of a frame that it calls plain, the general reader must say the same; and it calls plain whatever the general reader knows to be.
    [Fact]
    public void Every_pair_of_first_bytes_is_read_as_the_general_reader_does()
    {
        var wire = Hex.Bytes("00 00 00 00 37 fa 21 3d 5a 6b 7c 8d 9e af");

        for (var firstTwo = 0; firstTwo <= 0xFFFF; firstTwo++)
        {
            foreach (var next in ThirdAndFourth)
            {
                BinaryPrimitives.WriteUInt16BigEndian(wire, (ushort)firstTwo);
                BinaryPrimitives.WriteUInt16BigEndian(wire.AsSpan(2), next);

                var expected = ReadGenerally(wire, out var length) is { } header && IsPlain(header)
                    ? new PlainFrameHeader((MessageType)header.Opcode, header.MaskingKey.GetValueOrDefault(), length, (int)header.PayloadLength)
                    : (PlainFrameHeader?)null;
                PlainFrameHeader? actual = PlainFrameHeader.TryRead(wire, out var plain) ? plain : null;

                if (expected != actual)
                    Assert.Fail($"{Hex.Of(wire)}: {actual} instead of {expected}");
            }
        }
    }

    [Fact]
    public void Header_that_is_not_all_there_is_none()
    {
        var wire = Hex.Bytes("82 fe 0100 37fa213d");

        for (var length = 0; length < wire.Length; length++)
            Assert.False(PlainFrameHeader.TryRead(wire.AsSpan(0, length), out _));

        Assert.True(PlainFrameHeader.TryRead(wire, out var header));
        Assert.Equal(new PlainFrameHeader(MessageType.Binary, 0x3d21fa37, Length: 8, PayloadLength: 256), header);
    }

    private static bool IsPlain(in FrameHeader header)
        => header is { Opcode: Opcode.Text or Opcode.Binary, Fin: true, Rsv1: false, PayloadLength: > 0 and <= ushort.MaxValue };

    private static FrameHeader? ReadGenerally(byte[] wire, out int length)
    {
        var input = new ReadOnlySequence<byte>(wire);
        try
        {
            var isRead = FrameHeader.TryRead(ref input, new FrameRules(InFragmentedMessage: false, AllowRsv1: true), out var header);
            length = wire.Length - (int)input.Length;
            return isRead ? header : null;
        }
        catch (ProtocolViolationException)
        {
            length = 0;
            return null;
        }
    }
}
