using FsCheck.Fluent;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public partial class MaskingTests
{
    [Fact]
    public void Any_payload_is_masked_by_vectors_as_by_the_scalar_form()
        => Properties.Check(Prop.ForAll(TextPayloads.Texts, TextPayloads.Keys, Gen.Choose(0, 63).ToArbitrary(), (text, key, offset) =>
            AssertIsTheDefinition([.. new byte[offset], .. text, 0xDD], offset, text.Length, key)));

    [Fact]
    public void Any_payload_can_be_cut_into_any_pieces()
        => Properties.Check(Prop.ForAll(TextPayloads.Texts, TextPayloads.Keys, Exchanges.Arrival, (text, key, arrival) =>
        {
            byte[] expected = [.. text], actual = [.. text];
            var (keyAfter, start) = (Masking.ApplyScalar(expected, key), 0);

            foreach (var end in Exchanges.Segmentation((arrival.Cuts, ArrivesAtOnce: false, IsSegmented: false), text.Length).Arrivals(text.Length))
            {
                key = Masking.Apply(actual.AsSpan(start..end), key);
                start = end;
            }

            return key == keyAfter && expected.AsSpan().SequenceEqual(actual);
        }));
}
