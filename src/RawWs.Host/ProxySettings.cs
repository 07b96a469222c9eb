using System.Net;

namespace RawWs.Host;

/// <summary>Who is believed about whom it connects for.</summary>
internal sealed record ProxySettings
{
    /// <summary>Where proxies connect from that are believed; may be empty.</summary>
    public IReadOnlyList<IPNetwork> Networks { get; init; } = [];

    /// <summary>Whether whoever connects through the Unix socket is such a proxy.</summary>
    public bool TrustUnixSockets { get; init; }

    /// <summary>Which header fields they tell their clients by.</summary>
    public ForwardingHeaders Headers { get; init; }

    /// <summary>Whether each connection begins with a header of the PROXY protocol.</summary>
    public bool ProxyProtocol { get; init; }

    /// <summary>Who is trusted, in words; null if nobody is.</summary>
    public string? Trusted
    {
        get
        {
            string[] words = [.. Networks.Select(network => network.ToString()), .. TrustUnixSockets ? [TrustedProxyNames.Unix] : Array.Empty<string>()];
            return words.Length == 0 ? null : string.Join(", ", words);
        }
    }

    public void ApplyTo(WebSocketServerOptions options)
    {
        foreach (var network in Networks)
            options.TrustedProxies.Add(network);

        (options.TrustUnixSockets, options.ForwardingHeaders, options.ProxyProtocol) = (TrustUnixSockets, Headers, ProxyProtocol);
    }
}
