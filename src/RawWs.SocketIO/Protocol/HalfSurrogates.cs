using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace RawWs.SocketIO.Protocol;

/// <summary>
/// Makes text of what clients and servers for Node write. Strings of JavaScript may have half a surrogate pair in them, which is no text: JSON has it as an escape, <c>\ud83d</c>, and what <c>@msgpack/msgpack</c> writes as
/// three bytes that are no UTF-8, <c>ED A0 BD</c>. U+FFFD is as long in both, and takes its place: so a string is the same here in whatever form it comes.
/// </summary>
internal static class HalfSurrogates
{
    private const int EscapeLength = 6;

    /// <summary>Replaces them in JSON, which need not be any: nothing else is looked at.</summary>
    /// <returns>A copy, in which everything is where it was; null if there are none.</returns>
    public static byte[]? ReplaceInJson(ReadOnlySpan<byte> json)
    {
        byte[]? copy = null;
        for (var place = 0; json[place..].IndexOf((byte)'\\') is >= 0 and var distance;)
        {
            place += distance;
            if (CodeOf(json[place..]) is not { } code)
            {
                // Behind a backslash there may be another one, which escapes nothing.
                place = Math.Min(place + 2, json.Length);
            }
            else if (char.IsHighSurrogate(code) && CodeOf(json[(place + EscapeLength)..]) is { } next && char.IsLowSurrogate(next))
            {
                place += 2 * EscapeLength;
            }
            else
            {
                if (char.IsSurrogate(code))
                    @"\ufffd"u8.CopyTo((copy ??= json.ToArray()).AsSpan(place));

                place += EscapeLength;
            }
        }

        return copy;
    }

    /// <summary>Replaces them, and whatever else is no UTF-8.</summary>
    /// <returns>Valid UTF-8, as long as what was given if nothing but them was none; otherwise up to three times that.</returns>
    public static byte[] ReplaceInUtf8(ReadOnlySpan<byte> bytes)
    {
        var copy = bytes.ToArray();
        for (var place = 0; copy.AsSpan(place).IndexOf((byte)0xED) is >= 0 and var distance;)
        {
            // Behind this byte UTF-8 has none from A0 on: that would be U+D800 to U+DFFF.
            place += distance;
            if (copy.AsSpan(place) is [_, >= 0xA0 and <= 0xBF, >= 0x80 and <= 0xBF, ..])
                "\ufffd"u8.CopyTo(copy.AsSpan(place));

            place++;
        }

        return Utf8.IsValid(copy) ? copy : Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(copy));
    }

    // The code unit that an escape stands for; null if it is no such escape.
    private static char? CodeOf(ReadOnlySpan<byte> escape)
        => escape is [(byte)'\\', (byte)'u', _, _, _, _, ..] && ushort.TryParse(escape[2..EscapeLength], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code) ? (char)code : null;
}
