namespace RawWs.Rooms;

/// <summary>Something that happened in a room and is to be told, outside its lock.</summary>
/// <param name="Room">The room.</param>
/// <param name="Member">Who joined or left.</param>
/// <param name="Connection">The same, as a connection; null if it is on another node.</param>
/// <param name="HasJoined">Whether it joined; otherwise it left.</param>
/// <param name="IsFirstOrLast">Whether the room was empty before, or is after.</param>
/// <param name="IsUpdate">Whether it was a member before, of which something else is said now: that is told to other nodes and to nobody else.</param>
internal sealed record Announcement(RoomState Room, RoomMember Member, WebSocketConnection? Connection, bool HasJoined, bool IsFirstOrLast, bool IsUpdate = false);
