using System.Security.Cryptography;
using System.Text;

namespace RawWs.Host;

/// <summary>The token of the dashboard, and the cookie that stands for it. Both are compared in a time that tells nothing.</summary>
/// <remarks>Immutable and thread-safe.</remarks>
internal sealed class DashboardToken
{
    /// <summary>The name of the cookie.</summary>
    public const string CookieName = "rawws-dashboard";

    private const string Scheme = "Bearer ";

    private readonly byte[] _hash;
    private readonly string _cookie;

    public DashboardToken(string token)
    {
        _hash = HashOf(token);

        // Derived, so that a browser that is looted does not give the token away; and always the same, so that it outlives a restart and ends with the token.
        _cookie = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), "rawws dashboard cookie"u8));
    }

    public bool Is(string text) => CryptographicOperations.FixedTimeEquals(HashOf(text), _hash);

    /// <summary>Whether it is in the header <c>Authorization</c> (RFC 6750 §2.1).</summary>
    public bool IsIn(IReadOnlyList<KeyValuePair<string, string>> headers)
        => headers.FirstOrDefault(header => header.Key.Equals("Authorization", StringComparison.OrdinalIgnoreCase)).Value is { } value
            && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && Is(value[Scheme.Length..].Trim());

    public bool IsCookie(string? cookie)
        => cookie is not null && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(cookie), Encoding.ASCII.GetBytes(_cookie));

    /// <summary>What lets a browser keep it, until it is closed, out of reach of scripts and of other sites (RFC 6265 §4.1).</summary>
    /// <param name="path">What it is sent for.</param>
    /// <param name="isSecure">Whether it is sent over TLS only.</param>
    public string ToSetCookie(string path, bool isSecure) => $"{CookieName}={_cookie}; Path={path}; HttpOnly; SameSite=Strict{(isSecure ? "; Secure" : "")}";

    // Texts of all lengths become comparable.
    private static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
