using System.Globalization;
using System.IO.Compression;

namespace RawWs.SocketIO.Http;

/// <summary>Content codings: which of them a client takes (RFC 9110 §12.5.3), and how they are made.</summary>
internal static class ContentCoding
{
    // The one preferred first.
    private static readonly string[] Names = ["br", "gzip", "deflate"];

    /// <summary>The coding that the client likes most, of several the smallest.</summary>
    /// <param name="request">Whose <c>Accept-Encoding</c> decides.</param>
    /// <returns>Null for none: the content as it is.</returns>
    public static string? ChooseFor(HttpRequest request)
    {
        // A list may be in several fields (§5.3).
        var accepted = string.Join(',', request.Headers.Where(field => field.Key.Equals("Accept-Encoding", StringComparison.OrdinalIgnoreCase)).Select(field => field.Value));
        var best = Names.MaxBy(name => QualityOf(accepted, name));
        return best is not null && QualityOf(accepted, best) > 0 ? best : null;
    }

    /// <summary>Encodes content.</summary>
    /// <param name="content">All of it.</param>
    /// <param name="name">One that <see cref="ChooseFor"/> returns.</param>
    /// <param name="level">How much work it is worth.</param>
    public static byte[] Encode(ReadOnlyMemory<byte> content, string name, CompressionLevel level)
    {
        using var encoded = new MemoryStream();
        using (var coder = Coder(encoded, name, level))
            coder.Write(content.Span);

        return encoded.ToArray();
    }

    // What HTTP calls deflate is the format of zlib (§8.4.1.2).
    private static Stream Coder(Stream to, string name, CompressionLevel level) => name switch
    {
        "br" => new BrotliStream(to, level, leaveOpen: true),
        "gzip" => new GZipStream(to, level, leaveOpen: true),
        _ => new ZLibStream(to, level, leaveOpen: true),
    };

    /// <summary>How gladly a coding is taken, from 0 for not at all to 1. What is malformed is not taken: everybody can read the plain form.</summary>
    private static double QualityOf(ReadOnlySpan<char> accepted, string coding)
    {
        var any = 0.0;
        foreach (var range in accepted.Split(','))
        {
            var element = accepted[range].Trim(" \t");
            var semicolon = element.IndexOf(';');
            var name = semicolon < 0 ? element : element[..semicolon].TrimEnd(" \t");
            var quality = semicolon < 0 ? 1 : WeightOf(element[(semicolon + 1)..].Trim(" \t"));

            if (name.Equals(coding, StringComparison.OrdinalIgnoreCase))
                return quality;

            if (name is "*")
                any = quality;
        }

        return any;
    }

    // §12.4.2: weight = OWS ";" OWS "q=" qvalue.
    private static double WeightOf(ReadOnlySpan<char> weight)
        => weight.StartsWith("q=", StringComparison.OrdinalIgnoreCase)
            && double.TryParse(weight[2..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var quality)
            && quality <= 1
            ? quality
            : 0;
}
