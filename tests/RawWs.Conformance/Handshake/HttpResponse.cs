using System.Globalization;

namespace RawWs.Conformance;

/// <summary>The status line and headers of an answer, parsed as strictly as RFC 9112 has them.</summary>
internal sealed record HttpResponse(int Status, string Head, IReadOnlyList<(string Name, string Value)> Headers)
{
    public static HttpResponse Parse(string head)
    {
        var lines = head.Split("\r\n");
        var status = lines[0].Split(' ', 3);
        if (status.Length < 2 || status[0] is not ("HTTP/1.1" or "HTTP/1.0") || status[1].Length != 3
            || !int.TryParse(status[1], NumberStyles.None, CultureInfo.InvariantCulture, out var code))
        {
            throw VerdictException.Failed($"the answer does not begin with a status line: “{lines[0]}”");
        }

        return new HttpResponse(code, head, [.. lines.Skip(1).Select(ParseHeader)]);
    }

    public IEnumerable<string> All(string name) =>
        Headers.Where(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value);

    public string? Single(string name)
    {
        var values = All(name).ToArray();
        return values.Length > 1 ? throw VerdictException.Failed($"the answer has {values.Length} {name} headers") : values.FirstOrDefault();
    }

    /// <summary>Whether the comma-separated list in this header has the token, in any case.</summary>
    public bool HasToken(string name, string token) =>
        All(name).SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries)).Contains(token, StringComparer.OrdinalIgnoreCase);

    private static (string Name, string Value) ParseHeader(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        return colon <= 0 || line[..colon].Any(character => character <= ' ')
            ? throw VerdictException.Failed($"the answer has a malformed header line: “{line}”")
            : (line[..colon], line[(colon + 1)..].Trim(' ', '\t'));
    }
}
