namespace RawWs.Hosting;

/// <summary>
/// The session of one connection as a class, whose dependencies are injected. Each connection has an instance and a scope of its own; both are disposed when the session
/// has returned.
/// </summary>
public interface IWebSocketSession
{
    /// <summary>Serves the connection. When it returns, the connection is closed with 1000; when it throws, with 1011.</summary>
    /// <param name="connection">The connection, open.</param>
    /// <param name="cancellationToken">Cancelled when the connection or the server begins to close.</param>
    Task RunAsync(WebSocketConnection connection, CancellationToken cancellationToken);
}
