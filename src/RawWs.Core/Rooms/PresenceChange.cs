namespace RawWs;

/// <summary>Somebody has joined a room or left it, here or on another node.</summary>
/// <param name="Room">The room.</param>
/// <param name="Member">Who.</param>
/// <param name="HasJoined">Whether it has joined; otherwise it has left.</param>
public readonly record struct PresenceChange(Room Room, RoomMember Member, bool HasJoined);
