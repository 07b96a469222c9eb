using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace RawWs.Samples;

/// <summary>
/// Verifies JSON Web Tokens (RFC 7519) that are signed with HMAC-SHA256 and one key. The algorithm is this one, whatever a token says: one that names another, <c>none</c> included, is refused
/// (RFC 8725 §3.1).
/// </summary>
internal sealed class TokenVerifier(byte[] key, TimeProvider time)
{
    /// <summary>More is no token of ours, and not worth the parsing.</summary>
    private const int MaxLength = 4_096;

    /// <summary>How far the clock of whoever signs may be off.</summary>
    private static readonly TimeSpan Leeway = TimeSpan.FromSeconds(30);

    /// <summary>The key of the configuration, in Base64, of 256 bits at least (RFC 7518 §3.2); without one, a random key, which verifies nobody's tokens.</summary>
    public static byte[] KeyFrom(string? base64)
    {
        var key = base64 is null ? RandomNumberGenerator.GetBytes(32) : Convert.FromBase64String(base64);
        return key.Length >= 32 ? key : throw new ArgumentException("A key for HMAC-SHA256 has 32 bytes or more.", nameof(base64));
    }

    /// <returns>The subject of the token; null if the token is not valid now.</returns>
    public string? Verify(string token)
    {
        if (token.Length > MaxLength || token.Split('.') is not [var header, var payload, var signature])
            return null;

        // The signature first: nothing that a stranger wrote is parsed.
        var expected = HMACSHA256.HashData(key, Encoding.ASCII.GetBytes($"{header}.{payload}"));
        if (!TryDecode(signature, out var actual) || !CryptographicOperations.FixedTimeEquals(expected, actual))
            return null;

        return IsOurs(header) && TryParse(payload, out var claims) && IsValidNow(claims) ? TextOf(claims, "sub") : null;
    }

    // RFC 7515 §4.1.11: what is critical has to be understood, and nothing is here.
    private static bool IsOurs(string header) => TryParse(header, out var head) && TextOf(head, "alg") == "HS256" && !head.TryGetProperty("crit", out _);

    // A token that never expires is refused: nobody could take it back.
    private bool IsValidNow(JsonElement claims)
    {
        var now = time.GetUtcNow().ToUnixTimeSeconds();
        var leeway = (long)Leeway.TotalSeconds;
        return claims.TryGetProperty("exp", out var expires) && IsTime(expires, out var end) && now < end + leeway
            && (!claims.TryGetProperty("nbf", out var notBefore) || (IsTime(notBefore, out var begin) && now >= begin - leeway));
    }

    // Until the year 9999, so that nothing overflows.
    private static bool IsTime(JsonElement claim, out double seconds)
    {
        seconds = 0;
        return claim.ValueKind == JsonValueKind.Number && claim.TryGetDouble(out seconds) && seconds is >= 0 and <= 253_402_300_799;
    }

    private static string? TextOf(JsonElement json, string name)
        => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private static bool TryParse(string part, out JsonElement json)
    {
        json = default;
        if (!TryDecode(part, out var bytes))
            return false;

        try
        {
            using var document = JsonDocument.Parse(bytes);
            json = document.RootElement.Clone();
            return json.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            // Signed with our key and yet no JSON: not a token.
            return false;
        }
    }

    private static bool TryDecode(string part, out byte[] bytes)
    {
        bytes = [];
        if (!Base64Url.IsValid(part))
            return false;

        bytes = Base64Url.DecodeFromChars(part);
        return true;
    }
}
