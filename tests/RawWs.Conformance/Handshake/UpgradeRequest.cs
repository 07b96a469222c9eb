using System.Security.Cryptography;
using System.Text;

namespace RawWs.Conformance;

/// <summary>An opening handshake to be sent, legal or not. Text is Latin-1, so that any octet can be written.</summary>
internal sealed record UpgradeRequest
{
    private const string Suffix = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    public string Method { get; init; } = "GET";

    public required string RequestTarget { get; init; }

    public string Version { get; init; } = "HTTP/1.1";

    /// <summary>Replaces "Method Target Version" as a whole.</summary>
    public string? RequestLine { get; init; }

    public string LineEnd { get; init; } = "\r\n";

    /// <summary>Comes before the request line.</summary>
    public string Preamble { get; init; } = "";

    /// <summary>Sent in the same write, after the empty line.</summary>
    public byte[] Trailing { get; init; } = [];

    public string? Key =>
        Headers.FirstOrDefault(header => header.Name.Equals("Sec-WebSocket-Key", StringComparison.OrdinalIgnoreCase)).Value?.Trim();

    public string ExpectedAccept => Convert.ToBase64String(SHA1.HashData(Encoding.Latin1.GetBytes(Key + Suffix)));

    /// <summary>A request to which no server can object.</summary>
    public static UpgradeRequest To(Uri target, Random random)
    {
        var key = new byte[16];
        random.NextBytes(key);
        return new UpgradeRequest
        {
            RequestTarget = target.PathAndQuery,
            Headers =
            [
                ("Host", target.IsDefaultPort ? target.IdnHost : $"{target.IdnHost}:{target.Port}"),
                ("Upgrade", "websocket"),
                ("Connection", "Upgrade"),
                ("Sec-WebSocket-Key", Convert.ToBase64String(key)),
                ("Sec-WebSocket-Version", "13"),
            ],
        };
    }

    /// <summary>Replaces the header, or adds it.</summary>
    public UpgradeRequest With(string name, string value) =>
        Headers.Any(header => header.Name == name)
            ? this with { Headers = [.. Headers.Select(header => header.Name == name ? (name, value) : header)] }
            : And(name, value);

    /// <summary>Adds a header line, even if there is one of this name.</summary>
    public UpgradeRequest And(string name, string value) => this with { Headers = [.. Headers, (name, value)] };

    /// <summary>Adds a line as it is.</summary>
    public UpgradeRequest AndLine(string line) => this with { Headers = [.. Headers, ("", line)] };

    /// <summary>Adds a line as it is, before all headers.</summary>
    public UpgradeRequest FirstLine(string line) => this with { Headers = [("", line), .. Headers] };

    public UpgradeRequest Without(string name) => this with { Headers = [.. Headers.Where(header => header.Name != name)] };

    public UpgradeRequest Renamed(Func<string, string> rename) =>
        this with { Headers = [.. Headers.Select(header => (rename(header.Name), header.Value))] };

    public UpgradeRequest InReverse() => this with { Headers = [.. Headers.Reverse()] };

    public byte[] ToBytes()
    {
        var text = new StringBuilder(Preamble).Append(RequestLine ?? $"{Method} {RequestTarget} {Version}").Append(LineEnd);
        foreach (var (name, value) in Headers)
            text.Append(name.Length == 0 ? value : $"{name}: {value}").Append(LineEnd);
        return [.. Encoding.Latin1.GetBytes(text.Append(LineEnd).ToString()), .. Trailing];
    }
}
