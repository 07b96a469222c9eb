namespace RawWs.Rooms;

/// <summary>Something that happened in a room and is to be told, outside its lock.</summary>
/// <param name="Room">The room.</param>
/// <param name="Member">Who joined or left.</param>
/// <param name="Connection">The same, as a connection.</param>
/// <param name="HasJoined">Whether it joined; otherwise it left.</param>
/// <param name="IsFirstOrLast">Whether the room was empty before, or is after.</param>
internal sealed record Announcement(RoomState Room, RoomMember Member, WebSocketConnection Connection, bool HasJoined, bool IsFirstOrLast);
