using System.Text;

namespace RawWs.Protocol;

/// <summary>What a proxy says that its client speaks.</summary>
internal static class ForwardedScheme
{
    /// <returns>Whether it is TLS; null for what is no scheme of HTTP or of WebSocket, of which some proxies tell instead.</returns>
    public static bool? IsSecure(ReadOnlySpan<byte> scheme)
    {
        if (Ascii.EqualsIgnoreCase(scheme, "https"u8) || Ascii.EqualsIgnoreCase(scheme, "wss"u8))
            return true;

        return Ascii.EqualsIgnoreCase(scheme, "http"u8) || Ascii.EqualsIgnoreCase(scheme, "ws"u8) ? false : null;
    }
}
