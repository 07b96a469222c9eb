using System.Globalization;

namespace RawWs.SocketIO.Protocol;

/// <summary>
/// Half a surrogate pair: strings of JavaScript may have such, if a text was cut through an emoji, and JSON writes it as an escape, <c>\ud83d</c>. No text has a place for it: it
/// becomes U+FFFD, as it does wherever such a string is encoded.
/// </summary>
internal static class SurrogateHalves
{
    private const int EscapeLength = 6;

    /// <summary>Replaces halves in whatever JSON there may be, in its names and values.</summary>
    /// <returns>The same, or a copy of the same length.</returns>
    public static ReadOnlyMemory<byte> Replace(ReadOnlyMemory<byte> json)
    {
        byte[]? copy = null;
        var text = json.Span;
        for (var position = NextEscape(text, 0); position < text.Length;)
        {
            var length = LengthOfEscape(text[position..], out var isHalf);
            if (isHalf)
                "\\ufffd"u8.CopyTo((copy ??= json.ToArray()).AsSpan(position));

            position = NextEscape(text, Math.Min(position + length, text.Length));
        }

        return copy ?? json;
    }

    private static int NextEscape(ReadOnlySpan<byte> text, int start)
    {
        var index = text[start..].IndexOf((byte)'\\');
        return index < 0 ? text.Length : start + index;
    }

    // A whole pair is passed over as one.
    private static int LengthOfEscape(ReadOnlySpan<byte> text, out bool isHalf)
    {
        isHalf = false;
        if (!TryReadUnit(text, out var unit))
            return 2;

        if (char.IsHighSurrogate(unit) && TryReadUnit(text[EscapeLength..], out var next) && char.IsLowSurrogate(next))
            return 2 * EscapeLength;

        isHalf = char.IsSurrogate(unit);
        return EscapeLength;
    }

    private static bool TryReadUnit(ReadOnlySpan<byte> text, out char unit)
    {
        ushort number = 0;
        var isUnit = text.Length >= EscapeLength && text.StartsWith("\\u"u8)
            && ushort.TryParse(text[2..EscapeLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
        unit = (char)number;
        return isUnit;
    }
}
