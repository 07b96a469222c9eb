namespace RawWs.Host;

/// <summary>Finds what somebody who has mistyped a name will have meant.</summary>
internal static class NearestName
{
    /// <returns>The one that takes the fewest changes of a character to get to, the first of several.</returns>
    public static string Of(string name, IEnumerable<string> known) => known.MinBy(other => DistanceBetween(name, other))!; // There is always something known.

    // Levenshtein's: characters that are inserted, removed or replaced, row by row.
    private static int DistanceBetween(string from, string to)
    {
        var distances = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var row = 1; row <= from.Length; row++)
        {
            var diagonal = distances[0];
            distances[0] = row;
            for (var column = 1; column <= to.Length; column++)
            {
                var replaced = diagonal + (from[row - 1] == to[column - 1] ? 0 : 1);
                diagonal = distances[column];
                distances[column] = Math.Min(replaced, Math.Min(distances[column - 1], distances[column]) + 1);
            }
        }

        return distances[^1];
    }
}
