namespace RawWs.SocketIO;

/// <summary>What has happened to a room.</summary>
/// <param name="Kind">What.</param>
/// <param name="Room">Its name.</param>
/// <param name="SocketId">Who joined or left.</param>
internal sealed record RoomChange(RoomChangeKind Kind, string Room, string SocketId = "");
