namespace RawWs.Fuzz;

/// <summary>In which pieces a byte string reaches a parser.</summary>
/// <param name="Ends">Where each arrival ends, in ascending order, the length of the whole last. One given twice is an arrival of nothing.</param>
/// <param name="AreSegments">Whether each arrival is a segment of its own, or one segment grows.</param>
internal sealed record Arrivals(int[] Ends, bool AreSegments)
{
    /// <summary>Everything at once.</summary>
    public static Arrivals Whole(int length) => new([length], AreSegments: false);

    /// <summary>One byte after the other.</summary>
    public static Arrivals ByteByByte(int length, bool areSegments) => new([.. Enumerable.Range(1, length), length], areSegments);

    /// <summary>Pieces of any size, now and then an empty one.</summary>
    public static Arrivals Random(int length, SplitMix64 random)
    {
        var longest = random.Of<int>([1, 3, 8, 40, 1000]);
        var ends = new List<int>();
        for (var end = random.Below(longest + 1); end < length; end += random.Below(longest + 1))
            ends.Add(end);

        return new Arrivals([.. ends, length], random.OneIn(2));
    }

    public override string ToString() => $"in {Ends.Length} arrivals that end at {string.Join(' ', Ends.Take(20))}{(Ends.Length > 20 ? " …" : "")}{(AreSegments ? ", in segments" : "")}";
}
