namespace RawWs.Server;

/// <summary>What serves the WebSockets of a path.</summary>
/// <param name="Session">Runs for each connection.</param>
/// <param name="OnUpgrade">Decides about its opening handshakes in place of the server's own hook; null leaves them to that.</param>
internal sealed record SessionRoute(
    Func<WebSocketConnection, CancellationToken, Task> Session,
    Func<UpgradeRequest, CancellationToken, ValueTask<UpgradeResponse>>? OnUpgrade);
