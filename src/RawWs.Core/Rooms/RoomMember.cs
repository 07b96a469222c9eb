namespace RawWs;

/// <summary>Who is in a room.</summary>
/// <param name="ConnectionId">The connection's <see cref="WebSocketConnection.Id"/>.</param>
/// <param name="Info">What was said about it when it joined, such as a name; null if nothing.</param>
public readonly record struct RoomMember(long ConnectionId, string? Info);
