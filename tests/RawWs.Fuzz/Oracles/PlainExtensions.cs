using System.Text.RegularExpressions;

namespace RawWs.Fuzz;

/// <summary>Sec-WebSocket-Extensions read a second time, with regular expressions written down from RFC 6455 §9.1 and RFC 7692 §7.1.</summary>
internal static partial class PlainExtensions
{
    private const string Token = "[-!#$%&'*+.^_`|~0-9A-Za-z]+";
    private const string Quoted = @"""(?<quoted>([^""\\]|\\.)*)""";

    /// <returns>The offers of all lines; null if one is malformed or there is none.</returns>
    public static List<(string Name, List<(string Name, string? Value)> Parameters)>? Read(IEnumerable<string> lines)
    {
        var offers = new List<(string, List<(string, string?)>)>();
        foreach (var line in lines)
        {
            var list = List().Match(line);
            if (!list.Success)
                return null;

            foreach (var offer in list.Groups["offer"].Captures.Select(capture => capture.Value))
            {
                var parameters = Parameter().Matches(offer).Select(match => (match.Groups["name"].Value, ValueOf(match))).ToList();
                if (parameters.Any(parameter => parameter.Item2 is { } value && !OnlyToken().IsMatch(value)))
                    return null;

                offers.Add((Name().Match(offer).Value, parameters));
            }
        }

        return offers.Count > 0 ? offers : null;
    }

    /// <summary>Whether an offer of permessage-deflate is one that a server like ours may take.</summary>
    public static bool IsAcceptable((string Name, List<(string Name, string? Value)> Parameters) offer)
        => string.Equals(offer.Name, "permessage-deflate", StringComparison.OrdinalIgnoreCase)
            && offer.Parameters.DistinctBy(parameter => parameter.Name, StringComparer.OrdinalIgnoreCase).Count() == offer.Parameters.Count
            && offer.Parameters.All(parameter => Known().IsMatch(parameter.Value is null ? parameter.Name : $"{parameter.Name}={parameter.Value}"));

    private static string? ValueOf(Match match)
        => match.Groups["token"].Success ? match.Groups["token"].Value
            : match.Groups["quoted"].Success ? Escape().Replace(match.Groups["quoted"].Value, "$1")
            : null;

    [GeneratedRegex(
        @"\A[ \t,]*((?<offer>" + Token + @"([ \t]*;[ \t]*" + Token + @"([ \t]*=[ \t]*(" + Token + "|" + Quoted + @"))?)*)[ \t]*(,[ \t,]*|\z))*\z",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex List();

    [GeneratedRegex(@"\A" + Token, RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex(
        @"[ \t]*;[ \t]*(?<name>" + Token + @")([ \t]*=[ \t]*((?<token>" + Token + ")|" + Quoted + "))?",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\A" + Token + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex OnlyToken();

    [GeneratedRegex(@"\\(.)", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Escape();

    // zlib does not compress with a window of 8 bits; that offer is declined.
    [GeneratedRegex(
        @"\A(server_no_context_takeover|client_no_context_takeover|client_max_window_bits(=([89]|1[0-5]))?|server_max_window_bits=(9|1[0-5]))\z",
        RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex Known();
}
