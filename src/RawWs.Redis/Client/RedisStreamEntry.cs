using System.Globalization;

namespace RawWs.Redis;

/// <summary>An entry of a stream.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Fields">The names and values of its fields, one after the other.</param>
public readonly record struct RedisStreamEntry(string Id, IReadOnlyList<ReadOnlyMemory<byte>> Fields)
{
    /// <summary>Reads what <c>XRANGE</c> answers. What is no entry is left out.</summary>
    internal static IReadOnlyList<RedisStreamEntry> ListOf(RespValue reply)
    {
        var entries = new List<RedisStreamEntry>(reply.Items.Count);
        foreach (var entry in reply.Items)
        {
            if (entry.Items is [{ Type: RespType.BulkString } id, { } fields])
                entries.Add(new(id.ToText()!, [.. fields.Items.Select(field => field.Bytes)])); // A bulk string has a text.
        }

        return entries;
    }

    /// <summary>Reads what <c>XREAD</c> answers for one stream.</summary>
    internal static IReadOnlyList<RedisStreamEntry> ListOfOne(RespValue reply) => reply.Items switch
    {
        // RESP2 answers with an array of pairs, RESP3 with a map.
        [{ Type: RespType.Array, Items: [_, var entries] }] => ListOf(entries),
        [_, var entries] => ListOf(entries),
        _ => [],
    };

    /// <summary>Compares two ids by their age: milliseconds, and a number within these.</summary>
    internal static int CompareIds(string one, string other)
    {
        var (left, right) = (Parse(one), Parse(other));
        return left.CompareTo(right);
    }

    private static (ulong Time, ulong Number) Parse(string id)
    {
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        return dash > 0
            && ulong.TryParse(id.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var time)
            && ulong.TryParse(id.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (time, number)
            : default;
    }
}
