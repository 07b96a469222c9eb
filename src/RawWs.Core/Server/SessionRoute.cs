namespace RawWs.Server;

/// <summary>What serves the connections of a path, and who decides which of them open.</summary>
/// <param name="Session">Called for each connection.</param>
/// <param name="OnUpgrade">Asked in place of <see cref="WebSocketServerOptions.OnUpgrade"/>; null if that is asked.</param>
internal sealed record SessionRoute(
    Func<WebSocketConnection, CancellationToken, Task> Session,
    Func<UpgradeRequest, CancellationToken, ValueTask<UpgradeResponse>>? OnUpgrade);
