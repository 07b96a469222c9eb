namespace RawWs;

/// <summary>Which header fields trusted proxies tell their clients by.</summary>
public enum ForwardingHeaders
{
    /// <summary>
    /// <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c>, or <c>Forwarded</c>. A request that has both must name the same client in both, or is refused with 400:
    /// one of the two may have come from the client, through a proxy that only knows the other.
    /// </summary>
    Either,

    /// <summary><c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c>; <c>Forwarded</c> is not looked at.</summary>
    XForwarded,

    /// <summary><c>Forwarded</c> (RFC 7239); <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are not looked at.</summary>
    Forwarded,
}
