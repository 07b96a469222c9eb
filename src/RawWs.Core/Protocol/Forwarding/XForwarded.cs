using System.Net;

namespace RawWs.Protocol;

/// <summary>
/// <c>X-Forwarded-For: client, proxy1, proxy2</c>, to which each proxy adds whoever connected to it, and <c>X-Forwarded-Proto</c>, which each adds to or replaces. No RFC
/// has them; read from the right, as far as trusted proxies have written them.
/// </summary>
internal static class XForwarded
{
    private static ReadOnlySpan<byte> ProtoName => "X-Forwarded-Proto"u8;

    /// <summary>The name of the field that names clients.</summary>
    public static ReadOnlySpan<byte> ForName => "X-Forwarded-For"u8;

    /// <summary>Reads both fields of a request. Whatever is not well-formed ends the way, and nothing to the left of it is looked at.</summary>
    public static ForwardedClient Read(RequestHead head, TrustedNetworks trusted)
    {
        IPEndPoint? client = null;
        var proxyCount = 0;
        var elements = new ListFromRight(head, ForName);
        while (proxyCount < ForwardedClient.MaxProxyCount && elements.MoveNext())
        {
            proxyCount++;
            if (NodeName.Read(elements.Current, allowBareIPv6: true) is not { } node)
                break;

            client = node;
            if (!trusted.Contains(node.Address))
                break;
        }

        return new ForwardedClient(client, ReadScheme(head, Math.Max(1, proxyCount)));
    }

    // The outermost trusted proxy's word. One that replaces what it is told leaves fewer than there are proxies.
    private static bool? ReadScheme(RequestHead head, int proxyCount)
    {
        bool? isSecure = null;
        var elements = new ListFromRight(head, ProtoName);
        for (var count = 0; count < proxyCount && elements.MoveNext(); count++)
            isSecure = ForwardedScheme.IsSecure(elements.Current);

        return isSecure;
    }
}
