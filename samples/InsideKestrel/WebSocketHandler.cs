using Microsoft.AspNetCore.Connections;

namespace RawWs.Samples;

/// <summary>What Kestrel calls for each connection that it has accepted. When it returns, the connection has ended.</summary>
internal sealed class WebSocketHandler(WebSocketServer server) : ConnectionHandler
{
    public override Task OnConnectedAsync(ConnectionContext connection) => server.ServeAsync(new KestrelConnection(connection));
}
