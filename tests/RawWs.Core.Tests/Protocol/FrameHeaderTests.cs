using System.Buffers;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public partial class FrameHeaderTests
{
    [Theory]
    [InlineData("81 80 00000000", 0x1, true, 0x00000000u, 0)]
    [InlineData("81 85 37fa213d", 0x1, true, 0x3d21fa37u, 5)]
    [InlineData("01 83 37fa213d", 0x1, false, 0x3d21fa37u, 3)]
    [InlineData("02 81 00000001", 0x2, false, 0x01000000u, 1)]
    [InlineData("89 85 37fa213d", 0x9, true, 0x3d21fa37u, 5)]
    [InlineData("8a fd ffffffff", 0xA, true, 0xffffffffu, 125)]
    [InlineData("88 82 12345678", 0x8, true, 0x78563412u, 2)]
    [InlineData("82 fd 37fa213d", 0x2, true, 0x3d21fa37u, 125)]
    [InlineData("82 fe 007e 37fa213d", 0x2, true, 0x3d21fa37u, 126)]
    [InlineData("82 fe 007f 37fa213d", 0x2, true, 0x3d21fa37u, 127)]
    [InlineData("82 fe 0100 37fa213d", 0x2, true, 0x3d21fa37u, 256)]
    [InlineData("82 fe ffff 37fa213d", 0x2, true, 0x3d21fa37u, 65_535)]
    [InlineData("82 ff 0000000000010000 37fa213d", 0x2, true, 0x3d21fa37u, 65_536)]
    [InlineData("82 ff 000000007fffffff 37fa213d", 0x2, true, 0x3d21fa37u, 0x7fff_ffffL)]
    [InlineData("82 ff 0000000080000000 37fa213d", 0x2, true, 0x3d21fa37u, 0x8000_0000L)]
    [InlineData("82 ff 0000000100000000 37fa213d", 0x2, true, 0x3d21fa37u, 0x1_0000_0000L)]
    [InlineData("82 ff 7fffffffffffffff 37fa213d", 0x2, true, 0x3d21fa37u, long.MaxValue)]
    public void Header_is_read_however_it_is_split(string hex, byte opcode, bool fin, uint key, long length)
    {
        byte[] wire = [.. Hex.Bytes(hex), 0xAA, 0xBB];
        var expected = new FrameHeader((Opcode)opcode, fin, Rsv1: false, key, length);

        foreach (var segmentation in Segmentation.All(wire.Length))
        {
            var input = Sequences.Cut(wire, 0, wire.Length, segmentation.Cuts);

            Assert.True(FrameHeader.TryRead(ref input, new FrameRules(InFragmentedMessage: false), out var header));
            Assert.Equal(expected, header);
            Assert.Equal(wire[^2..], input.ToArray());
        }
    }

    [Theory]
    [InlineData("81 85 37fa213d")]
    [InlineData("82 fe 0100 37fa213d")]
    [InlineData("82 ff 0000000000010000 37fa213d")]
    public void Incomplete_header_is_not_yet_a_header_and_leaves_the_input_where_it_was(string hex)
    {
        var wire = Hex.Bytes(hex);

        for (var length = 0; length < wire.Length; length++)
        {
            foreach (var segmentation in Segmentation.All(length))
            {
                var input = Sequences.Cut(wire, 0, length, segmentation.Cuts);

                Assert.False(FrameHeader.TryRead(ref input, new FrameRules(InFragmentedMessage: false), out var header));
                Assert.Equal(default, header);
                Assert.Equal(length, input.Length);
                Assert.Equal(0, input.GetOffset(input.Start));
            }
        }
    }

    [Fact]
    public void Empty_input_is_not_yet_a_header()
    {
        var input = ReadOnlySequence<byte>.Empty;
        Assert.False(FrameHeader.TryRead(ref input, new FrameRules(InFragmentedMessage: false), out _));
    }

    // §5.2: "the minimal number of bytes MUST be used to encode the length", and "the most significant bit MUST be 0".
    [Theory]
    [InlineData("82 fe 0000 37fa213d")]
    [InlineData("82 fe 0001 37fa213d")]
    [InlineData("82 fe 007d 37fa213d")]
    [InlineData("82 ff 0000000000000000 37fa213d")]
    [InlineData("82 ff 000000000000007d 37fa213d")]
    [InlineData("82 ff 000000000000007e 37fa213d")]
    [InlineData("82 ff 000000000000ffff 37fa213d")]
    [InlineData("82 ff 8000000000000000 37fa213d")]
    [InlineData("82 ff 8000000000000001 37fa213d")]
    [InlineData("82 ff ffffffffffffffff 37fa213d")]
    public void Length_that_is_not_minimal_or_has_its_first_bit_set_fails_with_1002(string hex)
    {
        var wire = Hex.Bytes(hex);

        foreach (var segmentation in Segmentation.All(wire.Length))
        {
            var violation = Assert.Throws<ProtocolViolationException>(() =>
            {
                var input = Sequences.Cut(wire, 0, wire.Length, segmentation.Cuts);
                FrameHeader.TryRead(ref input, new FrameRules(InFragmentedMessage: false), out _);
            });
            Assert.Equal(CloseCode.ProtocolError, violation.Code);
        }
    }

    // CVE-2026-19204 of another server: what is wrong with a header must not wait for the rest of it, let alone for a payload.
    [Theory]
    [InlineData("83 ff")]
    [InlineData("a1 85")]
    [InlineData("91 85")]
    [InlineData("c1 85")]
    [InlineData("81 05")]
    [InlineData("09 80")]
    [InlineData("89 fe")]
    [InlineData("88 ff")]
    [InlineData("80 85")]
    public void Two_bytes_that_break_a_rule_fail_before_the_rest_arrives(string hex)
    {
        var wire = Hex.Bytes(hex);

        foreach (var segmentation in Segmentation.All(wire.Length))
        {
            Assert.Throws<ProtocolViolationException>(() =>
            {
                var input = Sequences.Cut(wire, 0, wire.Length, segmentation.Cuts);
                FrameHeader.TryRead(ref input, new FrameRules(InFragmentedMessage: false), out _);
            });
        }
    }

    [Fact]
    public void Rsv1_is_reported_when_an_extension_allows_it()
    {
        var input = new ReadOnlySequence<byte>(Hex.Bytes("c1 87 37fa213d"));

        Assert.True(FrameHeader.TryRead(ref input, new FrameRules(InFragmentedMessage: false, AllowRsv1: true), out var header));
        Assert.True(header.Rsv1);
    }

    [Theory]
    [InlineData(0x1, true, 0, "81 00")]
    [InlineData(0x1, true, 5, "81 05")]
    [InlineData(0x1, false, 3, "01 03")]
    [InlineData(0x0, true, 2, "80 02")]
    [InlineData(0x0, false, 2, "00 02")]
    [InlineData(0x9, true, 5, "89 05")]
    [InlineData(0xA, true, 125, "8a 7d")]
    [InlineData(0x8, true, 2, "88 02")]
    [InlineData(0x2, true, 126, "82 7e 007e")]
    [InlineData(0x2, true, 127, "82 7e 007f")]
    [InlineData(0x2, true, 256, "82 7e 0100")]
    [InlineData(0x2, true, 65_535, "82 7e ffff")]
    [InlineData(0x2, true, 65_536, "82 7f 0000000000010000")]
    [InlineData(0x2, true, 0x7fff_ffffL, "82 7f 000000007fffffff")]
    [InlineData(0x2, true, 0x8000_0000L, "82 7f 0000000080000000")]
    [InlineData(0x2, true, long.MaxValue, "82 7f 7fffffffffffffff")]
    public void Header_is_written_unmasked_and_with_the_shortest_length(byte opcode, bool fin, long length, string hex)
    {
        var output = new byte[FrameHeader.MaxLength];
        var written = FrameHeader.Write(output, (Opcode)opcode, fin, length);

        Assert.Equal(Hex.Bytes(hex), output[..written]);
        Assert.All(output[written..], octet => Assert.Equal(0, octet));
        Assert.Equal(written, FrameHeader.LengthFor(length));
    }
}
