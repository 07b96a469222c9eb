namespace RawWs;

/// <summary>Who is in a room.</summary>
/// <param name="ConnectionId">The connection's <see cref="WebSocketConnection.Id"/>, which is a number of its node.</param>
/// <param name="Info">What was said about it when it joined, such as a name; null if nothing.</param>
/// <param name="Node">What the backplane calls the node that the connection is on; null if it is this one.</param>
public readonly record struct RoomMember(long ConnectionId, string? Info, string? Node = null);
