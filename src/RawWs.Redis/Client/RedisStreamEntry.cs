using System.Globalization;

namespace RawWs.Redis;

/// <summary>An entry of a stream.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Fields">The names and values of its fields, one after the other.</param>
public readonly record struct RedisStreamEntry(string Id, IReadOnlyList<ReadOnlyMemory<byte>> Fields)
{
    // Two numbers of 64 bits, and what is between them.
    private const int MaxIdLength = 20 + 1 + 20;

    /// <summary>Reads what <c>XRANGE</c> answers. What is no entry is left out: ids are kept, so they have to be what they look like.</summary>
    internal static IReadOnlyList<RedisStreamEntry> ListOf(RespValue reply)
    {
        var entries = new List<RedisStreamEntry>(reply.Items.Count);
        foreach (var entry in reply.Items)
        {
            // A bulk string has a text.
            if (entry.Items is [{ Type: RespType.BulkString, Bytes.Length: <= MaxIdLength } id, { } fields] && id.ToText()! is var text && Parse(text) is not null)
                entries.Add(new(text, [.. fields.Items.Select(field => field.Bytes)]));
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

    /// <summary>Compares two ids by their age: milliseconds, and a number within these. What is no id is the oldest.</summary>
    internal static int CompareIds(string one, string other)
    {
        var (left, right) = (Parse(one) ?? default, Parse(other) ?? default);
        return left.CompareTo(right);
    }

    /// <returns>Null if it is no id.</returns>
    private static (ulong Time, ulong Number)? Parse(string id)
    {
        var dash = id.IndexOf('-', StringComparison.Ordinal);
        return dash > 0
            && ulong.TryParse(id.AsSpan(0, dash), NumberStyles.None, CultureInfo.InvariantCulture, out var time)
            && ulong.TryParse(id.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? (time, number)
            : null;
    }
}
