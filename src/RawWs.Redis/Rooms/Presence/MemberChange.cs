namespace RawWs.Redis.Rooms;

/// <summary>Somebody has joined a room on some node, or left it, as nodes tell each other.</summary>
/// <param name="Room">The name of the room.</param>
/// <param name="Id">The number of the connection on its node.</param>
/// <param name="Info">What is said about it; null if nothing, and for one that has left.</param>
/// <param name="HasJoined">Whether it has joined, or is said something else about; otherwise it has left.</param>
internal readonly record struct MemberChange(string Room, long Id, string? Info, bool HasJoined);
