using System.Numerics;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public class MaskingTests
{
    // 37 fa 21 3d on the wire: the first byte is the lowest.
    private const uint RfcKey = 0x3d21fa37;

    private const int LongestPayload = 200;

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

    [Fact]
    public void Vectors_do_what_the_scalar_form_does_at_every_length_alignment_and_rotation()
    {
        for (var length = 0; length <= LongestPayload; length++)
        {
            for (var offset = 0; offset < Vector<byte>.Count; offset++)
            {
                for (var rotation = 0; rotation < 4; rotation++)
                {
                    var key = BitOperations.RotateRight(RfcKey, 8 * rotation);
                    var (expected, actual) = (Sample(length + offset + 1), Sample(length + offset + 1));
                    var keyAfter = Masking.ApplyScalar(expected.AsSpan(offset, length), key);

                    Assert.Equal(keyAfter, Masking.Apply(actual.AsSpan(offset, length), key));
                    Assert.True(expected.AsSpan().SequenceEqual(actual), $"length {length}, offset {offset}, rotation {rotation}");
                }
            }
        }
    }

    [Fact]
    public void Payload_can_be_split_anywhere()
    {
        for (var length = 0; length <= LongestPayload; length++)
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

    // Bytes without a period that a vector or a word could hide a mistake in.
    private static byte[] Sample(int length) => [.. Enumerable.Range(0, length).Select(index => (byte)(index * index * 31 + index * 7))];
}
