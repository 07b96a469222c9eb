using System.Globalization;
using System.Text;

namespace RawWs.Host;

/// <summary>
/// Text of strangers as a terminal may be shown it: what a terminal would obey, and what would change how the rest reads, is written down instead. A backslash is left as it
/// is, so that this is for eyes and not for programs.
/// </summary>
internal static class PrintableText
{
    private const int ZeroWidthNonJoiner = 0x200C, ZeroWidthJoiner = 0x200D;

    /// <summary>Escapes control characters, line and paragraph separators, and characters that have no looks of their own, such as those that turn the direction of writing.</summary>
    public static string Of(string text)
    {
        var printable = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            Append(printable, rune);

        return printable.ToString();
    }

    private static void Append(StringBuilder printable, Rune rune)
    {
        if (IsHarmless(rune))
            printable.Append(rune);
        else if (rune.Value is '\n' or '\r' or '\t')
            printable.Append(rune.Value switch { '\n' => @"\n", '\r' => @"\r", _ => @"\t" });
        else
            printable.Append(rune.IsBmp ? @"\u" : @"\U").Append(rune.Value.ToString(rune.IsBmp ? "x4" : "x8", CultureInfo.InvariantCulture));
    }

    // The two joiners are part of how words of some languages, and some symbols, are written.
    private static bool IsHarmless(Rune rune) => rune.Value is ZeroWidthJoiner or ZeroWidthNonJoiner || Rune.GetUnicodeCategory(rune) is not
        (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
