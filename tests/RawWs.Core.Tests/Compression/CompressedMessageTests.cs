using System.Buffers;
using System.Text;
using RawWs.Compression;
using RawWs.Conformance;
using RawWs.Protocol;
using RawWs.Tests.Protocol;
using static RawWs.Conformance.FixedHuffman;

namespace RawWs.Tests.Compression;

/// <summary>Compressed messages between the wire and the application: <see cref="MessageAssembler"/> with <see cref="MessageInflater"/>, at every split.</summary>
public class CompressedMessageTests
{
    [Theory]
    [InlineData(DeflateWire.Hello, DeflateWire.HelloLine)]
    [InlineData("00 05 00 fa ff 48 65 6c 6c 6f 00", DeflateWire.HelloLine)]
    [InlineData(DeflateWire.FinalHello, DeflateWire.HelloLine)]
    [InlineData("f2 48 05 00 00 00 ff ff ca c9 c9 07 00", DeflateWire.HelloLine)]
    [InlineData("00", "Text")]
    [InlineData("02 00", "Text")]
    [InlineData("03 00 00", "Text")]
    public void Example_of_the_RFC_is_received(string hex, string line)
    {
        Assert.Equal([line], DeflateWire.Transcribe(DeflateWire.Frame(hex), DeflateWire.Apart));
        Assert.Equal([line, line], DeflateWire.Transcribe(DeflateWire.Frames(hex, hex), DeflateWire.Takeover));
    }

    [Fact]
    public void Second_message_refers_to_the_first_where_that_was_agreed_on()
    {
        var wire = DeflateWire.Frames(DeflateWire.Hello, "f2 00 11 00 00");
        Assert.Equal([DeflateWire.HelloLine, DeflateWire.HelloLine], DeflateWire.Transcribe(wire, DeflateWire.Takeover));
        Assert.Equal([DeflateWire.HelloLine, "Fails 1007"], DeflateWire.Transcribe(wire, DeflateWire.Apart));
    }

    // §6.1: which messages are compressed is the sender's choice, and what is not does not enter the window.
    [Fact]
    public void Messages_that_are_not_compressed_lie_between_those_that_refer_to_each_other()
    {
        byte[] wire =
        [
            .. DeflateWire.Frame(DeflateWire.Hello),
            .. ClientFrame.Bytes(0x81, "other"u8),
            .. ClientFrame.Bytes(0x02, [1]),
            .. ClientFrame.Bytes(0x80, [2]),
            .. DeflateWire.Frame("f2 00 11 00 00"),
            .. ClientFrame.Bytes(0x81, []),
        ];
        Assert.Equal(
            [DeflateWire.HelloLine, "Text 6f74686572", "Binary 0102", DeflateWire.HelloLine, "Text"], DeflateWire.Transcribe(wire, DeflateWire.Takeover));
    }

    [Fact]
    public void Fragments_cut_anywhere_make_one_message()
    {
        foreach (var hex in new[] { DeflateWire.Hello, DeflateWire.FinalHello, "f2 48 05 00 00 00 ff ff ca c9 c9 07 00" })
        {
            var payload = Hex.Bytes(hex);
            for (var cut = 0; cut <= payload.Length; cut++)
            {
                byte[] wire = [.. ClientFrame.Bytes(0x41, payload.AsSpan(0, cut)), .. ClientFrame.Bytes(0x80, payload.AsSpan(cut))];
                Assert.Equal([DeflateWire.HelloLine], DeflateWire.Transcribe(wire, DeflateWire.Apart));
            }
        }
    }

    [Fact]
    public void Fragments_of_one_byte_with_control_frames_and_empty_ones_between_make_one_message()
    {
        var payload = Hex.Bytes(DeflateWire.Hello);
        var wire = new List<byte>([.. ClientFrame.Bytes(0x41, [])]);
        foreach (var octet in payload)
            wire.AddRange([.. ClientFrame.Bytes(0x00, [octet]), .. ClientFrame.Bytes(0x89, [octet]), .. ClientFrame.Bytes(0x00, [])]);
        wire.AddRange(ClientFrame.Bytes(0x80, []));

        Assert.Equal(
            [.. payload.Select(octet => $"Ping {octet:x2}"), DeflateWire.HelloLine], DeflateWire.Transcribe([.. wire], DeflateWire.Takeover));
    }

    // RFC 7692 §6 and §6.2: the bit is for the first frame of a message, and for no control frame; RFC 6455 §5.2 has the other two.
    [Theory]
    [InlineData("c9")]
    [InlineData("ca")]
    [InlineData("c8")]
    [InlineData("a1")]
    [InlineData("91")]
    [InlineData("e1")]
    [InlineData("f2")]
    [InlineData("c0")]
    [InlineData("c3")]
    public void Reserved_bit_where_it_may_not_be_fails_with_1002(string first)
    {
        byte[] wire = [.. DeflateWire.Frame(DeflateWire.Hello), .. ClientFrame.Bytes(Hex.Bytes(first)[0], [])];
        Assert.Equal([DeflateWire.HelloLine, "Fails 1002"], DeflateWire.Transcribe(wire, DeflateWire.Takeover));
    }

    [Theory]
    [InlineData(0x42)]
    [InlineData(0x02)]
    public void Reserved_bit_on_a_continuation_fails_with_1002(byte first)
    {
        byte[] wire = [.. ClientFrame.Bytes(first, Hex.Bytes("f2 48")), .. ClientFrame.Bytes(0xC0, Hex.Bytes("cd c9 c9 07 00"))];
        Assert.Equal("Fails 1002", DeflateWire.Transcribe(wire, DeflateWire.Takeover)[^1]);
    }

    [Fact]
    public void Reserved_bit_without_an_agreement_fails_with_1002()
        => Assert.Equal(["Fails 1002"], Transcript.Of(DeflateWire.Frame(DeflateWire.Hello)));

    // CVE-2026-62901 and its like: the stream of one message ends; the connection does not, and nothing comes out empty.
    [Fact]
    public void Messages_follow_a_final_block()
    {
        var wire = DeflateWire.Frames(DeflateWire.FinalHello, DeflateWire.Hello, DeflateWire.FinalHello, "00", DeflateWire.FinalHello);
        string[] expected = [DeflateWire.HelloLine, DeflateWire.HelloLine, DeflateWire.HelloLine, "Text", DeflateWire.HelloLine];

        Assert.Equal(expected, DeflateWire.Transcribe(wire, DeflateWire.Apart));
        Assert.Equal(expected, DeflateWire.Transcribe(wire, DeflateWire.Takeover));
    }

    // What comes after a final block is a new stream, which has no past: so do the browsers see it.
    [Fact]
    public void Final_block_ends_the_window_too()
        => Assert.Equal(
            [DeflateWire.HelloLine, "Fails 1007"],
            DeflateWire.Transcribe(DeflateWire.Frames(DeflateWire.FinalHello, "f2 00 11 00 00"), DeflateWire.Takeover));

    [Fact]
    public void Thousand_messages_that_end_with_a_final_block_are_received_in_one_arrival()
    {
        using var states = DeflateWire.States();
        byte[] wire = [.. Enumerable.Repeat(DeflateWire.Frame(DeflateWire.FinalHello), 1000).SelectMany(frame => frame)];
        var lines = Transcript.Of(
            wire, new Segmentation([], ArrivesAtOnce: true, IsSegmented: false), Transcript.Roomy, streaming: false,
            () => new MessageInflater(states, DeflateWire.Takeover));

        Assert.Equal(Enumerable.Repeat(DeflateWire.HelloLine, 1000), lines);
    }

    [Theory]
    [InlineData("06")]
    [InlineData("07 00 00 00")]
    [InlineData("00 05 00 05 00 48 65 6c 6c 6f 00")]
    [InlineData("f2 00 11 00 00")]
    [InlineData("f3 48 cd c9 c9 07 00 ff ff ff ff")]
    public void Broken_data_fails_with_1007_after_what_came_before(string hex)
    {
        byte[] wire = [.. ClientFrame.Bytes(0x81, "Hello"u8), .. DeflateWire.Frame(hex), .. ClientFrame.Bytes(0x81, "Hello"u8)];
        foreach (var parameters in new[] { DeflateWire.Apart, DeflateWire.Takeover })
            Assert.Equal([DeflateWire.HelloLine, "Fails 1007"], DeflateWire.Transcribe(wire, parameters));
    }

    // RFC 6455 §8.1 holds for what comes out. Each character is cut by blocks, by frames and, in Transcribe, by arrivals.
    [Theory]
    [MemberData(nameof(Utf8Samples.Valid), MemberType = typeof(Utf8Samples))]
    public void Valid_text_is_received_in_blocks_of_one_byte(string hex)
    {
        var text = Hex.Bytes(hex);
        var payload = Blocks(text);
        string[] expected = [$"Text {Hex.Of(text)}"];

        Assert.Equal(expected, DeflateWire.Transcribe(ClientFrame.Bytes(0xC1, payload), DeflateWire.Apart));
        Assert.Equal(expected, DeflateWire.Transcribe([.. ClientFrame.Bytes(0x41, payload.AsSpan(0, 6)), .. ClientFrame.Bytes(0x80, payload.AsSpan(6))], DeflateWire.Apart));
    }

    [Theory]
    [MemberData(nameof(Utf8Samples.Incomplete), MemberType = typeof(Utf8Samples))]
    public void Text_that_ends_inside_a_character_fails_with_1007(string hex)
        => Assert.Equal(["Fails 1007"], DeflateWire.Transcribe(ClientFrame.Bytes(0xC1, Blocks(Hex.Bytes(hex))), DeflateWire.Apart));

    [Theory]
    [MemberData(nameof(Utf8Samples.Invalid), MemberType = typeof(Utf8Samples))]
    public void Invalid_text_fails_with_1007_as_soon_as_its_first_impossible_byte_comes_out(string hex, int position)
    {
        var text = Hex.Bytes(hex);
        var frame = ClientFrame.Bytes(0xC1, Blocks(text));
        var headerLength = frame.Length - Blocks(text).Length;

        Assert.Equal(["Fails 1007"], DeflateWire.Transcribe(frame, DeflateWire.Apart));
        Assert.Equal(["Fails 1007"], DeflateWire.Transcribe(frame[..(headerLength + 6 * (position + 1))], DeflateWire.Apart));
        Assert.Equal([], DeflateWire.Transcribe(frame[..(headerLength + 6 * position)], DeflateWire.Apart));
    }

    // Longer than what is decoded at a time, with a character across each such boundary.
    [Fact]
    public void Text_across_the_boundaries_of_what_is_decoded_at_a_time_is_valid()
    {
        for (var shift = 0; shift < 4; shift++)
        {
            var text = Encoding.UTF8.GetBytes(new string('a', shift) + string.Concat(Enumerable.Repeat("😀", 20_000)));
            using var deflater = new DynamicDeflater(contextTakeover: false);
            using var states = DeflateWire.States();
            var wire = ClientFrame.Bytes(0xC1, deflater.Compress(text));

            foreach (var streaming in new[] { false, true })
            {
                var lines = Transcript.Of(
                    wire, new Segmentation([], true, false), Transcript.Roomy, streaming, () => new MessageInflater(states, DeflateWire.Apart));
                Assert.Equal([$"Text {Hex.Of(text)}"], lines);
            }
        }
    }

    [Fact]
    public void Binary_need_not_be_text()
        => Assert.Equal(["Binary ff"], DeflateWire.Transcribe(ClientFrame.Bytes(0xC2, new BitWriter().Stored([0xFF]).EndMessage()), DeflateWire.Apart));

    // Behind our close frame nothing is looked at, and a message that was under way is dropped where it stands.
    [Fact]
    public void Discarding_looks_at_no_compressed_payload()
    {
        using var states = DeflateWire.States();
        using var inflater = new MessageInflater(states, DeflateWire.Takeover);
        using var assembler = new MessageAssembler(Transcript.Roomy, inflater);
        var broken = DeflateWire.Frame("06");
        var input = new ReadOnlySequence<byte>([.. ClientFrame.Bytes(0x41, Hex.Bytes("f2 48"))]);
        Assert.False(assembler.TryReceive(ref input, out _));

        assembler.Discarding = true;
        input = new ReadOnlySequence<byte>([.. ClientFrame.Bytes(0x80, [0xFF]), .. broken, .. ClientFrame.Header(0xC2, 1UL << 40)]);
        Assert.False(assembler.TryReceive(ref input, out _));
        Assert.True(input.IsEmpty);
    }

    /// <summary>Each byte in a stored block of its own: six bytes on the wire for one.</summary>
    private static byte[] Blocks(byte[] text)
        => [.. text.Aggregate(new BitWriter(), (writer, octet) => writer.Stored([octet])).EndMessage()];
}
