using System.Buffers;
using System.Text;

namespace RawWs.Protocol;

/// <summary>An entry of an allow-list of origins: scheme, host and port, or every subdomain of a host.</summary>
internal readonly record struct OriginPattern(string Scheme, string Authority, bool IsSubdomains)
{
    private const string Wildcard = "*.";

    private static readonly SearchValues<char> NotInAuthority = SearchValues.Create("/?#@ \t");

    /// <exception cref="ArgumentException"><paramref name="pattern"/> is no origin.</exception>
    public static OriginPattern Parse(string pattern)
    {
        if (pattern is null || !Ascii.IsValid(pattern) || !TrySplit(pattern, out var scheme, out var authority) || HasDefaultPort(scheme, authority))
            throw new ArgumentException($"'{pattern}' is no origin; write it as browsers send it: https://example.com or https://*.example.com, without a path or a default port, other letters as xn--….", nameof(pattern));

        var isSubdomains = authority.StartsWith(Wildcard, StringComparison.Ordinal);
        var host = isSubdomains ? authority[Wildcard.Length..] : authority;
        if (host.Length == 0 || host.Contains('*', StringComparison.Ordinal))
            throw new ArgumentException($"'{pattern}': a wildcard stands for the leading part of a host, as in https://*.example.com.", nameof(pattern));

        return new OriginPattern(scheme, host, isSubdomains);
    }

    /// <summary>Whether an origin that a browser sent is meant by this entry.</summary>
    public bool Matches(string origin)
    {
        if (!TrySplit(origin, out var scheme, out var authority) || !scheme.Equals(Scheme, StringComparison.OrdinalIgnoreCase))
            return false;

        if (!IsSubdomains)
            return authority.Equals(Authority, StringComparison.OrdinalIgnoreCase);

        var dot = authority.Length - Authority.Length - 1;
        return dot > 0 && authority[dot] == '.' && authority.EndsWith(Authority, StringComparison.OrdinalIgnoreCase);
    }

    private static bool HasDefaultPort(string scheme, string authority)
        => authority.EndsWith(scheme.Equals("https", StringComparison.OrdinalIgnoreCase) ? ":443" : ":80", StringComparison.Ordinal);

    /// <summary>Splits a serialized origin (RFC 6454 §6.2) into scheme and authority.</summary>
    public static bool TrySplit(string origin, out string scheme, out string authority)
    {
        var colon = origin.IndexOf("://", StringComparison.Ordinal);
        (scheme, authority) = colon > 0 ? (origin[..colon], origin[(colon + 3)..]) : ("", "");
        return authority.Length > 0 && !authority.AsSpan().ContainsAny(NotInAuthority);
    }
}
