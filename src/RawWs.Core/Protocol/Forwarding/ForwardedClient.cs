using System.Net;

namespace RawWs.Protocol;

/// <summary>Who asks, according to the proxies that a request came through.</summary>
/// <param name="EndPoint">
/// The first address from the right that is no trusted proxy's, or the last of all if each is one's; null if the proxy that is connected names nobody. Port 0 if
/// no port is told.
/// </param>
/// <param name="IsSecure">Whether it speaks TLS with the outermost trusted proxy; null if nobody says.</param>
internal readonly record struct ForwardedClient(IPEndPoint? EndPoint, bool? IsSecure)
{
    /// <summary>How many proxies a request is believed to have come through; what lies behind that many is not looked at.</summary>
    public const int MaxProxyCount = 32;

    /// <summary>Reads what the header of a request says. The connection must be a trusted proxy's.</summary>
    /// <param name="head">The request.</param>
    /// <param name="trusted">Whose word counts about those who connected to them.</param>
    /// <param name="headers">Which header fields are looked at.</param>
    /// <exception cref="RequestRefusedException">The fields can be read in two ways, one of which may be the client's own.</exception>
    public static ForwardedClient Read(RequestHead head, TrustedNetworks trusted, ForwardingHeaders headers)
    {
        var older = headers == ForwardingHeaders.Forwarded ? default : XForwarded.Read(head, trusted);
        var newer = headers == ForwardingHeaders.XForwarded ? default : ForwardedField.Read(head, trusted);
        if (headers == ForwardingHeaders.Either && head.IndexOf(XForwarded.ForName) >= 0 && head.IndexOf(ForwardedField.Name) >= 0)
            CheckAgreement(older, newer);

        return new ForwardedClient(newer.EndPoint ?? older.EndPoint, newer.IsSecure ?? older.IsSecure);
    }

    // A proxy that writes one of them passes on what its client wrote into the other.
    private static void CheckAgreement(ForwardedClient older, ForwardedClient newer)
    {
        var isSameClient = Equals(older.EndPoint?.Address, newer.EndPoint?.Address);
        if (!isSameClient || (older.IsSecure is not null && newer.IsSecure is not null && older.IsSecure != newer.IsSecure))
            throw new RequestRefusedException(HttpStatusCode.BadRequest, "X-Forwarded-For and Forwarded name different clients");
    }
}
