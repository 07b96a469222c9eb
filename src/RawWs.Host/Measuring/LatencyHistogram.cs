using System.Numerics;

namespace RawWs.Host;

/// <summary>
/// Counts durations in buckets that grow with them: 128 to each power of two, so that what is read back is never less than what was recorded, and more by
/// less than one part in 128. Recording is a few instructions, and takes no memory.
/// </summary>
internal sealed class LatencyHistogram
{
    private const int BucketBits = 7;
    private const int BucketsPerOctave = 1 << BucketBits;

    // Up to twice that many a bucket is one value; above, each of the other powers of two has its buckets.
    private readonly long[] _counts = new long[(64 - BucketBits) * BucketsPerOctave];

    public long Count { get; private set; }

    /// <summary>The longest, exactly. In nanoseconds, as everything here.</summary>
    public long Max { get; private set; }

    /// <param name="nanoseconds">Less than nothing counts as nothing.</param>
    public void Record(long nanoseconds)
    {
        var value = Math.Max(0, nanoseconds);
        _counts[BucketOf(value)]++;
        Count++;
        Max = Math.Max(Max, value);
    }

    public void Add(LatencyHistogram other)
    {
        for (var bucket = 0; bucket < _counts.Length; bucket++)
            _counts[bucket] += other._counts[bucket];

        Count += other.Count;
        Max = Math.Max(Max, other.Max);
    }

    public void Clear()
    {
        Array.Clear(_counts);
        (Count, Max) = (0, 0);
    }

    /// <summary>The duration that a share of all do not exceed: the shortest such that was recorded, or up to one part in 128 more.</summary>
    /// <param name="share">From 0 to 1.</param>
    /// <returns>0 if nothing was recorded.</returns>
    public long Quantile(double share)
    {
        var wanted = Math.Max(1, (long)Math.Ceiling(share * Count));
        var seen = 0L;
        for (var bucket = 0; bucket < _counts.Length; bucket++)
        {
            seen += _counts[bucket];
            if (seen >= wanted)
                return Math.Min(LastOf(bucket), Max);
        }

        return Max;
    }

    private static int BucketOf(long value)
    {
        var shift = Math.Max(0, BitOperations.Log2((ulong)value) - BucketBits);
        return (shift * BucketsPerOctave) + (int)(value >> shift);
    }

    /// <summary>The longest duration that a bucket counts.</summary>
    private static long LastOf(int bucket)
    {
        var shift = Math.Max(0, (bucket / BucketsPerOctave) - 1);
        var step = (long)bucket - (shift * BucketsPerOctave);
        return (step << shift) + ((1L << shift) - 1);
    }
}
