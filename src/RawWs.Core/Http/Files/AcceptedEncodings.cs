using System.Globalization;

namespace RawWs.Http;

/// <summary>Which content codings a client takes, and how gladly (RFC 9110 §12.5.3).</summary>
internal static class AcceptedEncodings
{
    /// <summary>Chooses between the codings that a representation is there in.</summary>
    /// <param name="accepted">The value of Accept-Encoding, null if there is none.</param>
    /// <param name="available">The codings, the preferred one first.</param>
    /// <returns>Null for none: the representation as it is.</returns>
    public static string? Choose(string? accepted, IEnumerable<string> available)
    {
        if (accepted is null)
            return null;

        // What is not coded is always taken, and is only better if the client says so.
        var (best, bestQuality) = ((string?)null, QualityOf(accepted, "identity", takesAny: false));
        foreach (var coding in available)
        {
            var quality = QualityOf(accepted, coding, takesAny: true);
            if (quality > 0 && (quality > bestQuality || (best is null && quality >= bestQuality)))
                (best, bestQuality) = (coding, quality);
        }

        return best;
    }

    /// <summary>How gladly a coding is taken, from 0 for not at all to 1.</summary>
    private static decimal QualityOf(ReadOnlySpan<char> accepted, string coding, bool takesAny)
    {
        decimal? any = null;
        foreach (var range in accepted.Split(','))
        {
            var element = accepted[range].Trim(" \t");
            var semicolon = element.IndexOf(';');
            var name = semicolon < 0 ? element : element[..semicolon].TrimEnd(" \t");
            var quality = semicolon < 0 ? 1 : ReadQuality(element[(semicolon + 1)..].Trim(" \t"));

            if (name.Equals(coding, StringComparison.OrdinalIgnoreCase))
                return quality;

            if (name is "*")
                any = quality;
        }

        return takesAny ? any ?? 0 : 0;
    }

    // §12.4.2: weight = OWS ";" OWS "q=" qvalue. What is malformed is not taken: a client that gets the plain form can read that.
    private static decimal ReadQuality(ReadOnlySpan<char> weight)
    {
        const int LongestQuality = 5;
        var value = weight.StartsWith("q=", StringComparison.OrdinalIgnoreCase) ? weight[2..] : default;
        return value.Length is > 0 and <= LongestQuality
            && char.IsAsciiDigit(value[0])
            && decimal.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var quality)
            && quality <= 1
            ? quality
            : 0;
    }
}
