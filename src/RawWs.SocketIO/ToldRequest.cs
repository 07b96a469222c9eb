using System.Net;
using System.Text.Json;
using RawWs.SocketIO.Json;

namespace RawWs.SocketIO;

/// <summary>The request of a socket on another server, as that has told of it. Other servers leave things out, or have lists where we have texts: what makes no sense is missing.</summary>
internal sealed class ToldRequest : FirstRequest
{
    private readonly Dictionary<string, string> _queryValues;

    /// <param name="told">The description, of whatever kind.</param>
    public ToldRequest(JsonElement told)
        : base(TimeOf(told))
    {
        var target = TextOf(told, "url"u8) ?? "";
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        (Path, Query) = mark < 0 ? (target, "") : (target[..mark], target[(mark + 1)..]);
        Headers = [.. TextsOf(told, "headers"u8)];
        RemoteEndPoint = IPAddress.TryParse(TextOf(told, "address"u8), out var address) ? new IPEndPoint(address, 0) : null;
        IsSecure = JsonText.Member(told, "secure"u8).ValueKind == JsonValueKind.True;
        _queryValues = TextsOf(told, "query"u8);
    }

    public override string Path { get; }

    public override string Query { get; }

    public override IReadOnlyList<KeyValuePair<string, string>> Headers { get; }

    public override EndPoint? RemoteEndPoint { get; }

    public override bool IsSecure { get; }

    public override string? GetHeader(string name) => Headers.FirstOrDefault(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)).Value;

    public override string? GetCookie(string name) => null;

    public override string? GetQueryValue(string name) => _queryValues.GetValueOrDefault(name);

    private static DateTimeOffset TimeOf(JsonElement told)
        => JsonText.Member(told, "issued"u8) is { ValueKind: JsonValueKind.Number } issued && issued.TryGetInt64(out var milliseconds) && milliseconds is >= 0 and <= 253_402_300_799_999
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : DateTimeOffset.UnixEpoch;

    private static string? TextOf(JsonElement told, ReadOnlySpan<byte> name) => JsonText.Of(JsonText.Member(told, name));

    private static Dictionary<string, string> TextsOf(JsonElement told, ReadOnlySpan<byte> name)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (JsonText.Member(told, name) is not { ValueKind: JsonValueKind.Object } members)
            return texts;

        foreach (var member in members.EnumerateObject())
        {
            if (JsonText.NameOf(member) is { } key && (member.Value.ValueKind == JsonValueKind.String ? JsonText.Of(member.Value) : member.Value.GetRawText()) is { } text)
                texts[key] = text;
        }

        return texts;
    }
}
