using System.Text;
using System.Text.RegularExpressions;

namespace RawWs.Fuzz;

/// <summary>
/// A request head read a second time, with regular expressions written down from RFC 9112, RFC 9110, RFC 3986 and RFC 6455 §4.2.1, and sharing no line
/// with the code under test. Each char is a byte.
/// </summary>
/// <param name="Method">The method.</param>
/// <param name="Origin">Scheme and host of a target in absolute-form; null in origin-form.</param>
/// <param name="Path">The path, decoded.</param>
/// <param name="Query">The query.</param>
/// <param name="Fields">The fields.</param>
/// <param name="Length">Bytes in the head.</param>
/// <param name="IsHttp10">Whether the client speaks HTTP/1.0.</param>
internal sealed partial record PlainRequest(
    string Method, string? Origin, string Path, string Query, IReadOnlyList<(string Name, string Value)> Fields, int Length, bool IsHttp10)
{
    /// <summary>Reads a head.</summary>
    /// <returns>Null if the text does not begin with a whole head of ours.</returns>
    public static PlainRequest? Read(byte[] bytes)
    {
        var text = Encoding.Latin1.GetString(bytes);
        var head = Head().Match(text);
        if (!head.Success)
            return null;

        var target = Target().Match(head.Groups["target"].Value);
        if (!target.Success || DecodePath(target.Groups["path"].Value) is not { } path)
            return null;

        var fields = head.Groups["name"].Captures.Zip(head.Groups["value"].Captures, (name, value) => (name.Value, value.Value.Trim(' ', '\t')));
        var origin = target.Groups["scheme"].Success ? $"{target.Groups["scheme"].Value}://{target.Groups["authority"].Value}" : null;
        return new PlainRequest(head.Groups["method"].Value, origin, path, target.Groups["query"].Value, [.. fields], head.Length, head.Groups["minor"].Value == "0");
    }

    /// <summary>Whether it is a valid opening handshake.</summary>
    public bool IsHandshake
        => Method == "GET"
            && !IsHttp10
            && HasValidHost
            && ValuesOf("Transfer-Encoding").Count == 0
            && ValuesOf("Content-Length") is [] or ["0"]
            && ElementsOf("Upgrade").Contains("websocket", StringComparer.OrdinalIgnoreCase)
            && ElementsOf("Connection").Contains("upgrade", StringComparer.OrdinalIgnoreCase)
            && ValuesOf("Sec-WebSocket-Version") is ["13"]
            && ValuesOf("Sec-WebSocket-Key") is [var key] && Key().IsMatch(key)
            && Subprotocols is not null;

    public bool HasValidHost => ValuesOf("Host") is [var host] ? Host().IsMatch(host) && IsSameHost(host) : IsHttp10 && ValuesOf("Host").Count == 0;

    /// <summary>The subprotocols that are offered; null if the list is malformed.</summary>
    public IReadOnlyList<string>? Subprotocols
    {
        get
        {
            string[] offered = [.. ElementsOf("Sec-WebSocket-Protocol").Where(element => element.Length > 0)];
            var isThere = ValuesOf("Sec-WebSocket-Protocol").Count > 0;
            return isThere == offered.Length > 0 && offered.All(Token().IsMatch) && offered.Distinct().Count() == offered.Length ? offered : null;
        }
    }

    private bool IsSameHost(string host)
        => Origin is null || WithoutDefaultPort(Origin) == WithoutDefaultPort(Origin[..(Origin.IndexOf("://", StringComparison.Ordinal) + 3)] + host);

    private static string WithoutDefaultPort(string origin) => DefaultPort().Replace(origin.ToLowerInvariant(), "");

    private List<string> ValuesOf(string name)
        => [.. Fields.Where(field => string.Equals(field.Name, name, StringComparison.OrdinalIgnoreCase)).Select(field => field.Value)];

    private IEnumerable<string> ElementsOf(string name) => ValuesOf(name).SelectMany(value => value.Split(',')).Select(element => element.Trim(' ', '\t'));

    private static string? DecodePath(string path)
    {
        if (path.Length == 0)
            return "/";

        // No escape but of two digits, none of a control character or a backslash; those of a slash and of the percent sign stay.
        if (BadEscape().IsMatch(path))
            return null;

        var bytes = Escape().Replace(path, escape => escape.Groups["keep"].Success
            ? escape.Value.ToUpperInvariant()
            : ((char)Convert.ToByte(escape.Groups["digits"].Value, 16)).ToString());

        try
        {
            var decoded = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Encoding.Latin1.GetBytes(bytes));
            return DotSegment().IsMatch(decoded) ? null : decoded;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    // One empty line may precede the request line. CR and LF are nowhere but at the end of a line.
    [GeneratedRegex(
        @"\A(\r\n)?(?<method>[-!#$%&'*+.^_`|~0-9A-Za-z]+) (?<target>[^ \r\n]+) HTTP/1\.(?<minor>[0-9])\r\n" +
        @"((?<name>[-!#$%&'*+.^_`|~0-9A-Za-z]+):(?<value>[\t\x20-\x7E\x80-\xFF]*)\r\n)*\r\n",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Head();

    // Any character of a URI, and those that browsers send as they are.
    [GeneratedRegex(
        @"\A(?i:(?<scheme>http|https|ws|wss)://(?<authority>(\[[0-9A-F:.]+\]|[-._~!$&'()*+,;=%0-9A-Z]+)(:[0-9]{0,5})?)(?=[/?]|\z)|(?=/))" +
        @"(?<path>[-._~:/\[\]@!$&'()*+,;=%|{}^`0-9A-Za-z]*)(\?(?<query>[-._~:/?\[\]@!$&'()*+,;=%|{}^`0-9A-Za-z]*))?\z",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Target();

    [GeneratedRegex(@"%(?![0-9A-Fa-f]{2})|%[01][0-9A-Fa-f]|%7[Ff]|%5[Cc]", RegexOptions.CultureInvariant)]
    private static partial Regex BadEscape();

    [GeneratedRegex("%((?<keep>2[Ff]|25)|(?<digits>..))", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex Escape();

    [GeneratedRegex(@"(\A|/)\.\.?(/|\z)", RegexOptions.CultureInvariant)]
    private static partial Regex DotSegment();

    [GeneratedRegex(@"\A(\[[0-9A-Fa-f:.]+\]|[-._~!$&'()*+,;=%0-9A-Za-z]+)(:[0-9]{0,5})?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Host();

    [GeneratedRegex(@"(?<=\A(http|ws)://.*):80\z|(?<=\A(https|wss)://.*):443\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex DefaultPort();

    // 16 bytes leave four bits of the last letter unused, and they are zero (RFC 4648 §3.5).
    [GeneratedRegex(@"\A[0-9A-Za-z+/]{21}[AQgw]==\z", RegexOptions.CultureInvariant)]
    private static partial Regex Key();

    [GeneratedRegex(@"\A[-!#$%&'*+.^_`|~0-9A-Za-z]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Token();
}
