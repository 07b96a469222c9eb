using System.Buffers;
using RawWs.Compression;
using RawWs.Conformance;
using RawWs.Protocol;
using RawWs.Tests.Protocol;
using static RawWs.Conformance.FixedHuffman;

namespace RawWs.Tests.Compression;

public class MessageInflaterTests
{
    // RFC 7692 §7.2.3, in its order, and empty messages as senders write them.
    [Theory]
    [InlineData(DeflateWire.Hello, "Hello")]
    [InlineData("00 05 00 fa ff 48 65 6c 6c 6f 00", "Hello")]
    [InlineData(DeflateWire.FinalHello, "Hello")]
    [InlineData("f2 48 05 00 00 00 ff ff ca c9 c9 07 00", "Hello")]
    [InlineData("00", "")]
    [InlineData("02 00", "")]
    [InlineData("03 00 00", "")]
    public void Example_of_the_RFC_is_read_with_room_for_one_byte_and_for_all(string hex, string expected)
    {
        using var states = DeflateWire.States();
        foreach (var parameters in new[] { DeflateWire.Apart, DeflateWire.Takeover })
        {
            using var inflater = new MessageInflater(states, parameters);
            foreach (var room in new[] { 1, 2, 4, 5, 6, 100 })
                Assert.Equal(expected, Read(inflater, Hex.Bytes(hex), room));
        }
    }

    [Fact]
    public void Sequence_that_begins_with_an_empty_segment_comes_to_an_end()
    {
        using var states = DeflateWire.States();
        using var inflater = new MessageInflater(states, DeflateWire.Apart);
        var payload = Sequences.Join([], [], Hex.Bytes("f2 48"), [], Hex.Bytes("cd c9 c9 07 00"), []);

        Assert.Equal("Hello"u8, DeflateWire.Inflate(inflater, payload));
    }

    // CVE-2026-62901 of another server, and the like in others: after BFINAL nothing more moved, for ever.
    [Fact]
    public void Thousand_final_messages_are_all_read()
    {
        using var states = DeflateWire.States();
        foreach (var parameters in new[] { DeflateWire.Apart, DeflateWire.Takeover })
        {
            using var inflater = new MessageInflater(states, parameters);
            for (var round = 0; round < 1000; round++)
                Assert.Equal("Hello", Read(inflater, Hex.Bytes(DeflateWire.FinalHello), 1 + round % 7));
        }
    }

    [Fact]
    public void Blocks_after_a_final_one_are_read()
    {
        using var states = DeflateWire.States();
        using var inflater = new MessageInflater(states, DeflateWire.Takeover);
        var payload = new BitWriter()
            .BeginFixed(final: true).Literals("Hel"u8).Symbol(EndOfBlock).Align()
            .BeginFixed(final: true).Literals("lo"u8).Symbol(EndOfBlock).Align()
            .Stored(", "u8, final: true)
            .Stored("world"u8).EndMessage();

        foreach (var room in new[] { 1, 3, 100 })
            Assert.Equal("Hello, world", Read(inflater, payload, room));
    }

    // The bytes behind a final block are data, and held to what data must be.
    [Theory]
    [InlineData("f3 48 cd c9 c9 07 00 ff ff ff ff")]
    [InlineData("f3 48 cd c9 c9 07 00 06")]
    public void Garbage_after_a_final_block_fails_with_1007(string hex) => Assert.Equal(CloseCode.InvalidPayloadData, FailureOf(Hex.Bytes(hex)));

    public static TheoryData<string, byte[]> Broken => new()
    {
        { "block type 3", [0x06] },
        { "block type 3, final", [0x07] },
        { "block type 3 after a good one", [.. new BitWriter().Stored("Hello"u8).Bits(6, 3).ToArray(), 0xFF] },
        { "NLEN that is no complement", Hex.Bytes("00 05 00 05 00 48 65 6c 6c 6f 00") },
        { "distance as first symbol", new BitWriter().BeginFixed().Match(3, 1).Symbol(EndOfBlock).EndMessage() },
        { "distance before the beginning", new BitWriter().BeginFixed().Literals("a"u8).Match(3, 2).Symbol(EndOfBlock).EndMessage() },
        { "length symbol 286", new BitWriter().BeginFixed().Literals("a"u8).Symbol(286).Code(0, 5).Symbol(EndOfBlock).EndMessage() },
        { "length symbol 287", new BitWriter().BeginFixed().Literals("a"u8).Symbol(287).Code(0, 5).Symbol(EndOfBlock).EndMessage() },
        { "distance symbol 30", new BitWriter().BeginFixed().Literals("abc"u8).Symbol(257).Code(30, 5).Symbol(EndOfBlock).EndMessage() },
        { "distance symbol 31", new BitWriter().BeginFixed().Literals("abc"u8).Symbol(257).Code(31, 5).Symbol(EndOfBlock).EndMessage() },
        { "too many codes", new BitWriter().Bits(0, 1).Bits(2, 2).Bits(31, 5).Bits(0, 5).Bits(0, 4).Bits(0, 30).ToArray() },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void Broken_data_fails_with_1007_and_not_what_follows_on_another_connection(string what, byte[] payload)
    {
        Assert.True(FailureOf(payload) == CloseCode.InvalidPayloadData, what);

        // The state went back to the pool only if it was made new.
        using var states = DeflateWire.States();
        using (var broken = new MessageInflater(states, DeflateWire.Apart))
            Assert.Throws<ProtocolViolationException>(() => Read(broken, payload, 100));

        using var next = new MessageInflater(states, DeflateWire.Apart);
        Assert.Equal("Hello", Read(next, Hex.Bytes(DeflateWire.Hello), 100));
    }

    // A message that ends too soon can't always be told from one that means something else; it ends, and leaves nothing to the next.
    [Fact]
    public void Truncated_message_ends_and_leaves_nothing_behind()
    {
        using var states = DeflateWire.States();
        foreach (var hex in new[] { DeflateWire.Hello, DeflateWire.FinalHello, "00 05 00 fa ff 48 65 6c 6c 6f 00", "f2 48 05 00 00 00 ff ff ca c9 c9 07 00" })
        {
            var payload = Hex.Bytes(hex);
            for (var length = 0; length < payload.Length; length++)
            {
                using var inflater = new MessageInflater(states, DeflateWire.Apart);
                try
                {
                    Assert.InRange(Read(inflater, payload[..length], 100).Length, 0, 10);
                }
                catch (ProtocolViolationException violation)
                {
                    Assert.Equal(CloseCode.InvalidPayloadData, violation.Code);
                    continue;
                }

                Assert.Equal("Hello", Read(inflater, Hex.Bytes(DeflateWire.Hello), 100));
            }
        }
    }

    [Theory]
    [InlineData(false, 100_000, 1)]
    [InlineData(false, 60_000, 0)]
    [InlineData(true, 100_000, 1)]
    public void Ratio_alarm_is_raised_once_for_a_message_that_grows_out_of_measure(bool takeover, int length, int expected)
    {
        var alarms = 0;
        using var states = DeflateWire.States(() => alarms++);
        using var inflater = new MessageInflater(states, takeover ? DeflateWire.Takeover : DeflateWire.Apart);
        var payload = DeflateWire.Bomb(length);

        for (var round = 1; round <= 3; round++)
        {
            DeflateWire.Inflate(inflater, new ReadOnlySequence<byte>(payload), 1000);
            Assert.Equal(expected * round, alarms);
        }
    }

    [Fact]
    public void Ratio_alarm_is_not_raised_for_text()
    {
        using var states = DeflateWire.States(() => Assert.Fail("Text is no bomb."));
        using var inflater = new MessageInflater(states, DeflateWire.Takeover);
        using var deflater = new DynamicDeflater(contextTakeover: true);
        var text = Payloads.Words(300_000, new Random(1));

        Assert.Equal(text, DeflateWire.Inflate(inflater, new ReadOnlySequence<byte>(deflater.Compress(text))));
    }

    [Fact]
    public void Nothing_is_allocated_in_the_steady_state()
    {
        using var states = DeflateWire.States();
        var (payload, buffer) = (DeflateWire.Bomb(3000), new byte[4096]);

        foreach (var parameters in new[] { DeflateWire.Apart, DeflateWire.Takeover })
        {
            using var inflater = new MessageInflater(states, parameters);

            // The pool's own bookkeeping is what is left.
            Assert.InRange(Allocation.Of(() =>
            {
                for (var round = 0; round < 100; round++)
                {
                    var input = new ReadOnlySequence<byte>(payload);
                    inflater.Begin();
                    inflater.Decode(ref input, isLast: true, buffer, out _);
                }
            }), 0, 100);
        }
    }

    private static string Read(MessageInflater inflater, byte[] payload, int room)
        => System.Text.Encoding.UTF8.GetString(DeflateWire.Inflate(inflater, new ReadOnlySequence<byte>(payload), room));

    private static CloseCode? FailureOf(byte[] payload)
    {
        using var states = DeflateWire.States();
        using var inflater = new MessageInflater(states, DeflateWire.Takeover);
        try
        {
            Read(inflater, payload, 100);
            return null;
        }
        catch (ProtocolViolationException violation)
        {
            return violation.Code;
        }
    }
}
