namespace RawWs.Http;

/// <summary>Lists of entity tags, as clients send them to say what they have (RFC 9110 §8.8.3, §13.1).</summary>
internal static class EntityTags
{
    /// <summary>Whether a list names a tag. What is malformed ends the list.</summary>
    /// <param name="list">The value of If-Match, If-None-Match or If-Range.</param>
    /// <param name="tag">A strong tag, with its quotes.</param>
    /// <param name="isStrong">
    /// Whether tags that the client marks as weak do not count (§8.8.3.2): they do where it wants to know if it has the newest, and do not where it will put parts together.
    /// </param>
    public static bool Contains(ReadOnlySpan<char> list, string tag, bool isStrong)
    {
        list = list.Trim(" \t");
        if (list is "*")
            return true;

        while (!list.IsEmpty)
        {
            var isWeak = list.StartsWith("W/");
            var quoted = isWeak ? list[2..] : list;
            var end = quoted is ['"', ..] ? quoted[1..].IndexOf('"') : -1;
            if (end < 0)
                return false;

            if (quoted[..(end + 2)].SequenceEqual(tag) && !(isWeak && isStrong))
                return true;

            // A comma may stand within quotes, but here they are closed.
            list = quoted[(end + 2)..].TrimStart(" \t,");
        }

        return false;
    }
}
