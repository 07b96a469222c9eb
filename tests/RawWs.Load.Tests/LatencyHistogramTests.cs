using FsCheck;
using FsCheck.Fluent;
using RawWs.Host;

namespace RawWs.Load.Tests;

public class LatencyHistogramTests
{
    // Of all magnitudes, and not only small ones.
    private static readonly Arbitrary<long[]> Durations = Gen.NonEmptyListOf(
        from bits in Gen.Choose(0, 62)
        from value in Gen.Choose(0, int.MaxValue)
        select bits <= 31 ? value >> (31 - bits) : (long)value << (bits - 31)).Select(list => list.ToArray()).ToArbitrary();

    [Fact]
    public void A_quantile_is_never_too_small_and_too_large_by_less_than_one_part_in_128()
        => Check.QuickThrowOnFailure(Prop.ForAll(Durations, Gen.Choose(0, 1000).ToArbitrary(), (durations, permille) =>
        {
            var histogram = new LatencyHistogram();
            foreach (var duration in durations)
                histogram.Record(duration);

            var exact = durations.Order().ElementAt(Math.Max(0, (int)Math.Ceiling(permille / 1000.0 * durations.Length) - 1));
            var read = histogram.Quantile(permille / 1000.0);
            return read >= exact && read - exact <= exact / 128;
        }));

    [Fact]
    public void Two_that_are_added_are_as_one_that_recorded_both()
        => Check.QuickThrowOnFailure(Prop.ForAll(Durations, Durations, (one, other) =>
        {
            var (left, right, both) = (new LatencyHistogram(), new LatencyHistogram(), new LatencyHistogram());
            Array.ForEach(one, left.Record);
            Array.ForEach(other, right.Record);
            Array.ForEach([.. one, .. other], both.Record);
            left.Add(right);

            return (left.Count, left.Max, left.Quantile(0.5), left.Quantile(0.99)) == (both.Count, both.Max, both.Quantile(0.5), both.Quantile(0.99));
        }));

    [Fact]
    public void The_largest_duration_there_is_has_a_place()
    {
        var histogram = new LatencyHistogram();
        histogram.Record(long.MaxValue);
        histogram.Record(-1);

        Assert.Equal((2, long.MaxValue, long.MaxValue, 0), (histogram.Count, histogram.Max, histogram.Quantile(1), histogram.Quantile(0.5)));
    }
}
