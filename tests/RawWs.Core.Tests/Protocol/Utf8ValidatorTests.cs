using System.Buffers;
using System.Text;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public partial class Utf8ValidatorTests
{
    // Long enough for every vector width to be used before, across and behind the sequence.
    private const int LongestAscii = 140;

    // The bytes at which the ranges of RFC 3629 §4 begin, end, and just miss.
    private static readonly byte[] Edges = Hex.Bytes("00 7f 80 8f 90 9f a0 bf c0 c1 c2 df e0 ed ee ef f0 f4 f5 ff");

    [Theory]
    [MemberData(nameof(Utf8Samples.Valid), MemberType = typeof(Utf8Samples))]
    public void Valid_text_is_accepted_however_it_is_split(string hex)
    {
        var text = Hex.Bytes(hex);

        foreach (var segmentation in Segmentation.All(text.Length))
            Assert.Equal((-1, true), Validate(text, segmentation));
    }

    [Theory]
    [MemberData(nameof(Utf8Samples.Invalid), MemberType = typeof(Utf8Samples))]
    public void Invalid_text_is_refused_with_the_first_byte_that_cannot_be(string hex, int position)
    {
        var text = Hex.Bytes(hex);

        foreach (var segmentation in Segmentation.All(text.Length))
        {
            var (failedArrival, _) = Validate(text, segmentation);
            var arrivalWithPosition = segmentation.Arrivals(text.Length).Count(end => end <= position);
            Assert.True(arrivalWithPosition == failedArrival, $"{segmentation}: failed with arrival {failedArrival}");
        }
    }

    [Theory]
    [MemberData(nameof(Utf8Samples.Incomplete), MemberType = typeof(Utf8Samples))]
    public void Text_that_ends_inside_a_character_is_no_failure_yet_and_no_boundary(string hex)
    {
        var text = Hex.Bytes(hex);

        foreach (var segmentation in Segmentation.All(text.Length))
            Assert.Equal((-1, false), Validate(text, segmentation));
    }

    [Fact]
    public void Empty_text_is_valid()
    {
        var validator = new Utf8Validator();

        Assert.True(validator.IsAtBoundary);
        Assert.True(validator.TryAppend(ReadOnlySpan<byte>.Empty));
        Assert.True(validator.IsAtBoundary);
    }

    [Fact]
    public void Empty_piece_inside_a_character_changes_nothing()
    {
        var validator = new Utf8Validator();

        Assert.True(validator.TryAppend(Hex.Bytes("e2")));
        Assert.True(validator.TryAppend(ReadOnlySpan<byte>.Empty));
        Assert.True(validator.TryAppend(Hex.Bytes("82")));
        Assert.False(validator.IsAtBoundary);
        Assert.True(validator.TryAppend(ReadOnlySpan<byte>.Empty));
        Assert.True(validator.TryAppend(Hex.Bytes("ac")));
        Assert.True(validator.IsAtBoundary);
    }

    [Fact]
    public void Every_sequence_of_one_or_two_bytes_is_judged_as_the_runtime_does()
    {
        for (var first = 0; first <= 0xFF; first++)
        {
            AssertAgreesWithRuntime([(byte)first]);
            for (var second = 0; second <= 0xFF; second++)
                AssertAgreesWithRuntime([(byte)first, (byte)second]);
        }
    }

    [Fact]
    public void Every_beginning_of_a_longer_sequence_is_judged_as_the_runtime_does()
    {
        for (var first = 0xC0; first <= 0xFF; first++)
        {
            for (var second = 0; second <= 0xFF; second++)
            {
                foreach (var third in Edges)
                {
                    AssertAgreesWithRuntime([(byte)first, (byte)second, third]);
                    if (first >= 0xEF)
                        Array.ForEach(Edges, fourth => AssertAgreesWithRuntime([(byte)first, (byte)second, third, fourth]));
                }
            }
        }
    }

    [Fact]
    public void Every_code_point_is_valid()
    {
        Span<byte> text = stackalloc byte[4];

        for (var codePoint = 0; codePoint <= 0x10FFFF; codePoint++)
        {
            if (!Rune.TryCreate(codePoint, out var rune))
                continue;

            var length = rune.EncodeToUtf8(text);
            var (whole, scalar) = (new Utf8Validator(), new Utf8Validator());
            if (!whole.TryAppend(text[..length]) || !whole.IsAtBoundary || !scalar.TryAppendScalar(text[..length]) || !scalar.IsAtBoundary)
                Assert.Fail($"U+{codePoint:X4}");
        }
    }

    [Theory]
    [InlineData("c3 a9", true)]
    [InlineData("e2 82 ac", true)]
    [InlineData("f0 9f 98 80", true)]
    [InlineData("ed a0 80", false)]
    [InlineData("f4 90 80 80", false)]
    [InlineData("80", false)]
    [InlineData("c0", false)]
    public void Place_among_the_vectors_makes_no_difference(string hex, bool isValid)
    {
        var sequence = Hex.Bytes(hex);

        for (var before = 0; before <= LongestAscii; before++)
        {
            for (var behind = 0; behind <= LongestAscii; behind += 7)
            {
                byte[] text = [.. Enumerable.Repeat((byte)'a', before), .. sequence, .. Enumerable.Repeat((byte)'z', behind)];
                var (vector, scalar) = (new Utf8Validator(), new Utf8Validator());

                Assert.Equal(isValid, vector.TryAppend(text));
                Assert.Equal(isValid, scalar.TryAppendScalar(text));
            }
        }
    }

    /// <returns>The arrival that failed, −1 if none did, and whether the text could end where the validator stands.</returns>
    private static (int FailedArrival, bool IsAtBoundary) Validate(byte[] text, Segmentation segmentation)
    {
        var validator = new Utf8Validator();
        var (arrival, start) = (0, 0);

        foreach (var end in segmentation.Arrivals(text.Length))
        {
            var isValid = segmentation.IsSegmented
                ? TryAppend(ref validator, Sequences.Cut(text, start, end, segmentation.Cuts))
                : validator.TryAppend(text.AsSpan(start..end));

            if (!isValid)
                return (arrival, false);

            (arrival, start) = (arrival + 1, end);
        }

        return (-1, validator.IsAtBoundary);
    }

    private static bool TryAppend(ref Utf8Validator validator, in ReadOnlySequence<byte> piece)
    {
        foreach (var segment in piece)
        {
            if (!validator.TryAppend(segment.Span))
                return false;
        }

        return true;
    }

    private static void AssertAgreesWithRuntime(byte[] text)
    {
        var (failure, isComplete) = JudgeByRuntime(text);

        foreach (var isScalar in new[] { true, false })
        {
            var validator = new Utf8Validator();
            for (var index = 0; index < text.Length && index <= (failure < 0 ? text.Length : failure); index++)
            {
                var isValid = isScalar ? validator.TryAppendScalar(text.AsSpan(index, 1)) : validator.TryAppend(text.AsSpan(index, 1));
                if (isValid == (index == failure))
                    Assert.Fail($"{Hex.Of(text)}: byte {index}");
            }

            if (failure < 0 && validator.IsAtBoundary != isComplete)
                Assert.Fail($"{Hex.Of(text)}: end");
        }

        var whole = new Utf8Validator();
        if (whole.TryAppend(text) != (failure < 0))
            Assert.Fail($"{Hex.Of(text)}: whole");
    }

    // The runtime's strict decoder of single characters, which reports where an invalid one becomes so.
    private static (int Failure, bool IsComplete) JudgeByRuntime(ReadOnlySpan<byte> text)
    {
        for (var start = 0; start < text.Length;)
        {
            var status = Rune.DecodeFromUtf8(text[start..], out _, out var consumed);
            if (status == OperationStatus.NeedMoreData)
                return (-1, false);

            if (status == OperationStatus.InvalidData)
            {
                var canBegin = Rune.DecodeFromUtf8(text.Slice(start, 1), out _, out _) == OperationStatus.NeedMoreData;
                return (canBegin ? start + consumed : start, false);
            }

            start += consumed;
        }

        return (-1, true);
    }
}
