using RawWs.Diagnostics;
using RawWs.Protocol;
using RawWs.Transport;

namespace RawWs.Server;

/// <summary>
/// Lets each request on a trusted proxy's connection be that of the client whom it names. Proxies keep connections, and carry the requests of one client after the other
/// on them: between two requests a connection is nobody's but the proxy's, and counts for none.
/// </summary>
internal sealed class ForwardedRequests(ServerCore core, ServedConnection connection, ProxiedConnection transport)
{
    /// <summary>A request begins; its client may stay, as a WebSocket.</summary>
    /// <returns>Why the client is not admitted; null if it is.</returns>
    /// <exception cref="RequestRefusedException">What the request says of its client can be read in two ways.</exception>
    public RefusalReason? Begin(RequestHead head)
    {
        var client = ForwardedClient.Read(head, core.TrustedPeers.Networks, core.Options.ForwardingHeaders);
        transport.Name(client.EndPoint, client.IsSecure);
        return core.Admission.TryCountFor(connection, transport.RemoteEndPoint) ? null : RefusalReason.AddressFull;
    }

    /// <summary>The request has been answered, and another may come.</summary>
    public void End()
    {
        transport.Name(null, null);
        core.Admission.TryCountFor(connection, null);
    }
}
