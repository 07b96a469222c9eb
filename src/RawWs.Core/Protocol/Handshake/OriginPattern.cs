using System.Buffers;

namespace RawWs.Protocol;

/// <summary>An entry of an allow-list of origins: scheme, host and port, or every subdomain of a host.</summary>
internal readonly record struct OriginPattern(string Scheme, string Authority, bool IsSubdomains)
{
    private const string Wildcard = "*.";

    private static readonly SearchValues<char> NotInAuthority = SearchValues.Create("/?#@ \t");

    /// <exception cref="ArgumentException"><paramref name="pattern"/> is no origin.</exception>
    public static OriginPattern Parse(string pattern)
    {
        if (!TrySplit(pattern, out var scheme, out var authority))
            throw new ArgumentException($"'{pattern}' is no origin; write it as https://example.com or https://*.example.com, without a path.", nameof(pattern));

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

    /// <summary>Splits a serialized origin (RFC 6454 §6.2) into scheme and authority.</summary>
    public static bool TrySplit(string origin, out string scheme, out string authority)
    {
        var colon = origin.IndexOf("://", StringComparison.Ordinal);
        (scheme, authority) = colon > 0 ? (origin[..colon], origin[(colon + 3)..]) : ("", "");
        return authority.Length > 0 && !authority.AsSpan().ContainsAny(NotInAuthority);
    }
}
