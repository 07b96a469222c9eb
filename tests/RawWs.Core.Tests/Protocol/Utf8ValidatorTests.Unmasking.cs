using System.Text;
using FsCheck.Fluent;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public partial class Utf8ValidatorTests
{
    private const uint RfcKey = 0x3d21fa37;

    // One filler for each way through the code: whole blocks of ASCII, and text of which no vector is ASCII.
    private static readonly string[] Fillers = ["a", "é", "€", "😀"];

    [Theory]
    [MemberData(nameof(Utf8Samples.Valid), MemberType = typeof(Utf8Samples))]
    public void Masked_text_is_unmasked_and_accepted_however_it_is_split(string hex)
    {
        var text = Hex.Bytes(hex);

        foreach (var segmentation in Segmentation.All(text.Length))
            Assert.Equal((-1, true), Unmask(text, segmentation, RfcKey));
    }

    [Theory]
    [MemberData(nameof(Utf8Samples.Invalid), MemberType = typeof(Utf8Samples))]
    public void Masked_text_is_refused_with_the_first_byte_that_cannot_be(string hex, int position)
    {
        var text = Hex.Bytes(hex);

        foreach (var segmentation in Segmentation.All(text.Length))
        {
            var (failedArrival, _) = Unmask(text, segmentation, RfcKey);
            Assert.Equal(segmentation.Arrivals(text.Length).Count(end => end <= position), failedArrival);
        }
    }

    // Each byte in turn is replaced by each that begins or ends a range; vectors and tails must say of each what the definition says.
    [Fact]
    public void Wrong_byte_is_found_at_every_place_of_every_length()
    {
        foreach (var filler in Fillers)
        {
            for (var length = 1; length <= 110; length++)
            {
                for (var place = 0; place < length; place++)
                {
                    foreach (var edge in Edges)
                    {
                        var text = Fill(filler, length);
                        text[place] = edge;
                        AssertIsTheDefinition(text, $"{filler} {length} {place} {edge:x2}");
                    }
                }
            }
        }
    }

    [Fact]
    public void Wrong_byte_is_found_on_both_sides_of_the_end_of_a_block()
    {
        foreach (var filler in Fillers)
        {
            for (var place = 4096 - 40; place < 4096 + 40; place++)
            {
                foreach (var edge in Edges)
                {
                    var text = Fill(filler, 4096 + 60);
                    text[place] = edge;
                    AssertIsTheDefinition(text, $"{filler} {place} {edge:x2}");
                }
            }
        }
    }

    [Fact]
    public void Every_pair_and_triple_of_bytes_is_judged_by_vectors_as_by_the_definition()
    {
        var text = Fill("a", 64);
        for (var first = 0x80; first <= 0xFF; first++)
        {
            for (var second = 0; second <= 0xFF; second++)
            {
                foreach (var third in Edges)
                {
                    (text[30], text[31], text[32]) = ((byte)first, (byte)second, third);
                    AssertIsTheDefinition(text, $"{first:x2} {second:x2} {third:x2}");
                }
            }
        }
    }

    [Fact]
    public void Any_masked_text_is_unmasked_and_judged_as_by_the_scalar_forms_in_any_pieces()
        => Properties.Check(Prop.ForAll(TextPayloads.Texts, TextPayloads.Keys, Exchanges.Arrival, (text, key, arrival) =>
        {
            var segmentation = Exchanges.Segmentation(arrival, text.Length);
            var (failure, isComplete) = JudgeByDefinition(text);
            var (failedArrival, isAtBoundary) = Unmask(text, segmentation, key);

            return failure < 0
                ? (failedArrival, isAtBoundary) == (-1, isComplete)
                : failedArrival == segmentation.Arrivals(text.Length).Count(end => end <= failure);
        }));

    [Fact]
    public void Any_text_is_judged_as_by_the_scalar_form_in_any_pieces()
        => Properties.Check(Prop.ForAll(TextPayloads.Texts, Exchanges.Arrival, (text, arrival) =>
        {
            var segmentation = Exchanges.Segmentation(arrival, text.Length);
            var (failure, isComplete) = JudgeByDefinition(text);
            var (failedArrival, isAtBoundary) = Validate(text, segmentation);

            return failure < 0
                ? (failedArrival, isAtBoundary) == (-1, isComplete)
                : failedArrival == segmentation.Arrivals(text.Length).Count(end => end <= failure);
        }));

    [Fact]
    public void Unmasking_allocates_nothing()
    {
        var text = Fill("€", 5000);
        var isValid = true;

        Assert.Equal(0, Allocation.Of(() =>
        {
            var key = 0u;
            isValid &= new Utf8Validator().TryUnmask(text, ref key);
        }));
        Assert.True(isValid);
    }

    /// <summary>Masks the text, lets it be unmasked, and looks at all that was.</summary>
    /// <returns>As <see cref="Validate"/>.</returns>
    private static (int FailedArrival, bool IsAtBoundary) Unmask(byte[] text, Segmentation segmentation, uint key)
    {
        byte[] memory = [.. text];
        Masking.ApplyScalar(memory, key);
        var (validator, arrival, start) = (new Utf8Validator(), 0, 0);

        foreach (var end in segmentation.Arrivals(text.Length))
        {
            var isValid = segmentation.IsSegmented
                ? validator.TryUnmask(Sequences.Cut(memory, start, end, segmentation.Cuts), ref key)
                : validator.TryUnmask(memory.AsSpan(start..end), ref key);

            if (!isValid)
                return (arrival, false);

            Assert.Equal(text.AsSpan(0, end), memory.AsSpan(0, end));
            (arrival, start) = (arrival + 1, end);
        }

        return (-1, validator.IsAtBoundary);
    }

    /// <summary>Judges a text whole, and where it is valid what may come behind it.</summary>
    private static void AssertIsTheDefinition(byte[] text, string description)
    {
        byte[] masked = [.. text];
        var key = 0u;
        var (scalar, vector, unmasking) = (new Utf8Validator(), new Utf8Validator(), new Utf8Validator());
        var isValid = scalar.TryAppendScalar(text);

        if (vector.TryAppend(text) != isValid || unmasking.TryUnmask(masked, ref key) != isValid)
            Assert.Fail($"{description}: {(isValid ? "refused" : "accepted")}");

        if (isValid && !Edges.All(edge => AreOneMind(scalar, vector, unmasking, edge)))
            Assert.Fail($"{description}: the next byte");
    }

    // The validators are copies here: each next byte is their first.
    private static bool AreOneMind(Utf8Validator scalar, Utf8Validator vector, Utf8Validator unmasking, byte next)
    {
        var isValid = scalar.TryAppendScalar([next]);
        return vector.TryAppendScalar([next]) == isValid && unmasking.TryAppendScalar([next]) == isValid
            && (!isValid || (vector.IsAtBoundary == scalar.IsAtBoundary && unmasking.IsAtBoundary == scalar.IsAtBoundary));
    }

    private static (int Failure, bool IsComplete) JudgeByDefinition(byte[] text)
    {
        var validator = new Utf8Validator();
        for (var index = 0; index < text.Length; index++)
        {
            if (!validator.TryAppendScalar(text.AsSpan(index, 1)))
                return (index, false);
        }

        return (-1, validator.IsAtBoundary);
    }

    private static byte[] Fill(string filler, int length)
    {
        var pattern = Encoding.UTF8.GetBytes(filler);
        return [.. Enumerable.Range(0, length).Select(index => pattern[index % pattern.Length])];
    }
}
