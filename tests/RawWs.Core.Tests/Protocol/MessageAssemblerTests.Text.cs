using System.Buffers;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public partial class MessageAssemblerTests
{
    [Theory]
    [MemberData(nameof(Utf8Samples.Valid), MemberType = typeof(Utf8Samples))]
    public void Valid_text_is_received_whole_and_in_fragments_of_one_byte(string hex)
    {
        var text = Hex.Bytes(hex);
        string[] expected = [$"Text {Hex.Of(text)}"];

        Assert.Equal(expected, Transcript.Of(ClientFrame.Bytes(0x81, text)));
        Assert.Equal(expected, Transcript.Of(ClientFrame.Bytes(0x81, text), streaming: true));
        Assert.Equal(expected, Transcript.Of(InFragmentsOfOneByte(text)));
        Assert.Equal(expected, Transcript.Of(InFragmentsOfOneByte(text), streaming: true));
    }

    // The same two outcomes for what can't be UTF-8 and for what isn't yet when the message ends.
    [Theory]
    [MemberData(nameof(Utf8Samples.Incomplete), MemberType = typeof(Utf8Samples))]
    public void Text_that_ends_inside_a_character_fails_with_1007(string hex)
    {
        var text = Hex.Bytes(hex);

        Assert.Equal(["Fails 1007"], Transcript.Of(ClientFrame.Bytes(0x81, text)));
        Assert.Equal(["Fails 1007"], Transcript.Of(ClientFrame.Bytes(0x81, text), streaming: true));
        Assert.Equal(["Fails 1007"], Transcript.Of(InFragmentsOfOneByte(text)));
        Assert.Equal(["Fails 1007"], Transcript.Of([.. ClientFrame.Bytes(0x01, text), .. ClientFrame.Bytes(0x80, [])], streaming: true));
    }

    [Theory]
    [MemberData(nameof(Utf8Samples.Invalid), MemberType = typeof(Utf8Samples))]
    public void Invalid_text_fails_with_1007_as_soon_as_its_first_impossible_byte_arrives(string hex, int position)
    {
        var text = Hex.Bytes(hex);
        var frame = ClientFrame.Bytes(0x81, text);
        var headerLength = frame.Length - text.Length;

        foreach (var streaming in new[] { false, true })
        {
            Assert.Equal(["Fails 1007"], Transcript.Of(frame, streaming: streaming));
            Assert.Equal(["Fails 1007"], Transcript.Of(frame[..(headerLength + position + 1)], streaming: streaming));
            Assert.DoesNotContain("Fails 1007", Transcript.Of(frame[..(headerLength + position)], streaming: streaming));

            // The header is 6 bytes for each fragment: the impossible byte is the last of its own.
            var fragments = InFragmentsOfOneByte(text);
            Assert.Equal(["Fails 1007"], Transcript.Of(fragments[..((position + 1) * 7)], streaming: streaming));
            Assert.DoesNotContain("Fails 1007", Transcript.Of(fragments[..((position + 1) * 7 - 1)], streaming: streaming));
        }
    }

    [Fact]
    public void Control_frame_inside_a_character_does_not_disturb_it()
    {
        byte[] wire =
        [
            .. ClientFrame.Bytes(0x01, Hex.Bytes("e2 82")),
            .. ClientFrame.Bytes(0x89, Hex.Bytes("ff")),
            .. ClientFrame.Bytes(0x80, Hex.Bytes("ac")),
        ];

        Assert.Equal(["Ping ff", "Text e282ac"], Transcript.Of(wire));
        Assert.Equal(["Ping ff", "Text e282ac"], Transcript.Of(wire, streaming: true));
    }

    [Fact]
    public void Binary_and_control_payloads_need_not_be_UTF8()
    {
        byte[] wire =
        [
            .. ClientFrame.Bytes(0x82, [0xFF]),
            .. ClientFrame.Bytes(0x02, [0xC0]),
            .. ClientFrame.Bytes(0x8A, [0xFE]),
            .. ClientFrame.Bytes(0x80, [0xED]),
        ];
        Assert.Equal(["Binary ff", "Pong fe", "Binary c0ed"], Transcript.Of(wire));
    }

    [Fact]
    public void Incomplete_text_of_one_message_does_not_reach_into_the_next_binary_one()
    {
        byte[] wire = [.. ClientFrame.Bytes(0x02, [0xE2]), .. ClientFrame.Bytes(0x80, [0x82]), .. ClientFrame.Bytes(0x81, "Hello"u8)];
        Assert.Equal(["Binary e282", $"Text {Hello}"], Transcript.Of(wire));
    }

    // Autobahn 6.4.1: the verdict comes in mid-frame, long before the announced length is there.
    [Fact]
    public void Invalid_text_in_a_long_frame_does_not_wait_for_its_end()
    {
        byte[] text = [.. Hex.Bytes("ce ba e1 bd b9 cf 83 ce bc ce b5 f4 90"), .. new byte[5000]];
        var frame = ClientFrame.Bytes(0x81, text);
        var input = new ReadOnlySequence<byte>(frame, 0, 4 + 4 + 13);

        var violation = Assert.Throws<ProtocolViolationException>(() => new MessageAssembler(Transcript.Roomy).TryReceive(ref input, out _));
        Assert.Equal(CloseCode.InvalidPayloadData, violation.Code);
    }

    private static byte[] InFragmentsOfOneByte(byte[] text)
        =>
        [
            .. text.SelectMany((octet, index)
                => ClientFrame.Bytes((byte)((index == 0 ? 0x01 : 0x00) | (index == text.Length - 1 ? 0x80 : 0x00)), [octet])),
        ];
}
