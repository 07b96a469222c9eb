namespace RawWs.Host;

/// <summary>Close frames in words.</summary>
internal static class CloseText
{
    // RFC 6455 §7.4.1, and the registry at IANA.
    private static readonly Dictionary<int, string> Meanings = new()
    {
        [1000] = "normal closure",
        [1001] = "going away",
        [1002] = "protocol error",
        [1003] = "unsupported data",
        [1007] = "invalid payload data",
        [1008] = "policy violation",
        [1009] = "message too big",
        [1010] = "mandatory extension",
        [1011] = "internal error",
        [1012] = "service restart",
        [1013] = "try again later",
        [1014] = "bad gateway",
    };

    /// <summary>Such as <c>1008 (policy violation): too many messages</c>.</summary>
    /// <param name="code">The code.</param>
    /// <param name="reason">What the server says, made printable here; null or empty for nothing.</param>
    public static string Of(int code, string? reason)
    {
        var meaning = Meanings.TryGetValue(code, out var known) ? $" ({known})" : "";
        return $"{code}{meaning}{(string.IsNullOrEmpty(reason) ? "" : $": {PrintableText.Of(reason)}")}";
    }
}
