namespace RawWs.Tests.Protocol;

/// <summary>One of the ways in which a byte string reaches a parser.</summary>
/// <param name="Cuts">Where it is cut, in ascending order. One that is given twice makes an empty segment, and an arrival of nothing.</param>
/// <param name="ArrivesAtOnce">Whether all pieces are there at the first call, or one more at each.</param>
/// <param name="IsSegmented">Whether the cuts are also ends of segments, or one segment grows.</param>
internal sealed record Segmentation(int[] Cuts, bool ArrivesAtOnce, bool IsSegmented)
{
    // Above this, cuts are taken densely at both ends, where the headers are, and by a prime step between.
    private const int LongestCutEverywhere = 600, DenseEnd = 20, Step = 2003;

    private const int LongestByteByByte = 4096;

    /// <summary>Where each arrival ends.</summary>
    public IEnumerable<int> Arrivals(int length) => ArrivesAtOnce ? [length] : [.. Cuts, length];

    /// <summary>
    /// Whole, cut in two at every point, and byte by byte, with and without nothing between; each as segments, as arrivals, and as both.
    /// </summary>
    public static IEnumerable<Segmentation> All(int length)
        => AllCuts(length).SelectMany(cuts => new[]
        {
            new Segmentation(cuts, ArrivesAtOnce: true, IsSegmented: true),
            new Segmentation(cuts, ArrivesAtOnce: false, IsSegmented: false),
            new Segmentation(cuts, ArrivesAtOnce: false, IsSegmented: true),
        });

    private static IEnumerable<int[]> AllCuts(int length)
    {
        yield return [];

        for (var cut = 1; cut < length; cut++)
        {
            if (length <= LongestCutEverywhere || cut <= DenseEnd || cut >= length - DenseEnd || cut % Step == 0)
                yield return [cut];
        }

        if (length is > 1 and <= LongestByteByByte)
        {
            yield return [.. Enumerable.Range(1, length - 1)];
            yield return [.. Enumerable.Range(1, length - 1).SelectMany(cut => new[] { cut, cut })];
        }
    }

    public override string ToString() => $"cut at [{string.Join(' ', Cuts)}]{(ArrivesAtOnce ? " at once" : "")}{(IsSegmented ? " in segments" : "")}";
}
