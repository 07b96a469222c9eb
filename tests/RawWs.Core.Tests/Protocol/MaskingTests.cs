using System.Numerics;
using System.Text;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public partial class MaskingTests
{
    // 37 fa 21 3d on the wire: the first byte is the lowest.
    private const uint RfcKey = 0x3d21fa37;

    // Beyond it the loops only go round more often, which the properties look at.
    private const int LongestPayload = 700;

    // RFC 6455 §5.7: a single-frame masked text message, "Hello".
    [Fact]
    public void Example_of_the_RFC_is_unmasked()
    {
        var payload = Hex.Bytes("7f 9f 4d 51 58");
        var keyAfter = Masking.Apply(payload, RfcKey);

        Assert.Equal("Hello"u8, payload);
        Assert.Equal(BitOperations.RotateRight(RfcKey, 8), keyAfter);
    }

    // §5.3: "octet i of the transformed data is the XOR of octet i of the original data with octet at index i modulo 4 of the masking key".
    [Fact]
    public void Scalar_form_is_the_definition_of_the_RFC()
    {
        var key = Hex.Bytes("37 fa 21 3d");

        for (var length = 0; length <= LongestPayload; length++)
        {
            var payload = Sample(length);
            byte[] expected = [.. payload.Select((octet, index) => (byte)(octet ^ key[index % 4]))];
            Masking.ApplyScalar(payload, RfcKey);

            Assert.Equal(expected, payload);
        }
    }

    // Every form there is, at all lengths at which one gives way to the next, behind every place in a vector, and never beside the payload.
    [Fact]
    public void Vectors_do_what_the_scalar_form_does_at_every_length_alignment_and_rotation()
    {
        for (var length = 0; length <= LongestPayload; length++)
        {
            for (var offset = 0; offset < 64; offset += length % 7 == 0 ? 1 : 13)
            {
                for (var rotation = 0; rotation < 4; rotation++)
                    AssertIsTheDefinition(Sample(length + offset + 1), offset, length, BitOperations.RotateRight(RfcKey, 8 * rotation));
            }
        }
    }

    [Fact]
    public void Text_is_called_ASCII_if_and_only_if_it_is_wherever_another_byte_may_be()
    {
        for (var length = 0; length <= LongestPayload; length++)
        {
            var key = 0u;
            Assert.True(Masking.ApplyToText(new byte[length], ref key));

            for (var place = 0; place < length; place += length <= 150 ? 1 : 11)
            {
                var payload = new byte[length];
                payload[place] = 0x80;
                Assert.False(Masking.ApplyToText(payload, ref key), $"length {length}, place {place}");
            }
        }
    }

    [Fact]
    public void Payload_can_be_split_anywhere()
    {
        for (var length = 0; length <= 200; length++)
        {
            var expected = Sample(length);
            Masking.ApplyScalar(expected, RfcKey);

            for (var cut = 0; cut <= length; cut++)
            {
                var actual = Sample(length);
                var keyBetween = Masking.Apply(actual.AsSpan(0, cut), RfcKey);
                var keyAfter = Masking.Apply(actual.AsSpan(cut), keyBetween);

                Assert.True(expected.AsSpan().SequenceEqual(actual), $"length {length} cut at {cut}");
                Assert.Equal(BitOperations.RotateRight(RfcKey, 8 * (length % 4)), keyAfter);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(67)]
    [InlineData(131)]
    public void Segments_are_unmasked_in_place_as_one_payload(int length)
    {
        var expected = Sample(length);
        var keyAfter = Masking.ApplyScalar(expected, RfcKey);

        foreach (var segmentation in Segmentation.All(length))
        {
            var memory = Sample(length);

            Assert.Equal(keyAfter, Masking.Unmask(Sequences.Cut(memory, 0, length, segmentation.Cuts), RfcKey));
            Assert.Equal(expected, memory);
        }
    }

    [Fact]
    public void Empty_segments_do_not_turn_the_key()
    {
        var (first, second) = (Hex.Bytes("7f 9f"), Hex.Bytes("4d 51 58"));
        Masking.Unmask(Sequences.Join([], first, [], [], second, []), RfcKey);

        Assert.Equal("Hello"u8, (byte[])[.. first, .. second]);
    }

    [Fact]
    public void Masking_twice_gives_the_payload_back()
    {
        var payload = Sample(LongestPayload);
        Masking.Apply(payload, RfcKey);
        Masking.Apply(payload, RfcKey);

        Assert.Equal(Sample(LongestPayload), payload);
    }

    private static void AssertIsTheDefinition(byte[] memory, int offset, int length, uint key)
    {
        byte[] expected = [.. memory], actual = [.. memory], text = [.. memory];
        var keyAfterText = key;
        var keyAfter = Masking.ApplyScalar(expected.AsSpan(offset, length), key);
        var isAscii = Masking.ApplyToText(text.AsSpan(offset, length), ref keyAfterText);

        Assert.Equal(keyAfter, Masking.Apply(actual.AsSpan(offset, length), key));
        Assert.Equal(keyAfter, keyAfterText);
        Assert.Equal(Ascii.IsValid(expected.AsSpan(offset, length)), isAscii);
        Assert.True(expected.AsSpan().SequenceEqual(actual), $"length {length}, offset {offset}, key {key:x8}");
        Assert.True(expected.AsSpan().SequenceEqual(text), $"as text: length {length}, offset {offset}, key {key:x8}");
    }

    // Bytes without a period that a vector or a word could hide a mistake in.
    private static byte[] Sample(int length) => [.. Enumerable.Range(0, length).Select(index => (byte)(index * index * 31 + index * 7))];
}
