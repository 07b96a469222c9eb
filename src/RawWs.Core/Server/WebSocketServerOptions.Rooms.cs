namespace RawWs;

public sealed partial class WebSocketServerOptions
{
    /// <summary>
    /// What the room of a name does beyond passing on messages: history, notices, conflation; null for nothing more. Called when a room is created, by whoever
    /// joins it or broadcasts to it, and for each broadcast to one that does not exist; must not wait, and what it throws, Join and Broadcast throw. Default: none, for all.
    /// </summary>
    public Func<string, RoomOptions?>? RoomOptions { get; set; }

    /// <summary>
    /// How many rooms there may be at once; joining one more throws a <see cref="RoomLimitException"/>. Default 100,000. Range: from 1. Rooms that are empty and only
    /// keep a history go first.
    /// </summary>
    public int MaxRoomCount { get; set => field = InRange(value, 1, int.MaxValue); } = 100_000;

    /// <summary>Characters in the name of a room; more throws a <see cref="RoomLimitException"/>. Default 256. Range: 1 to 65,536.</summary>
    public int MaxRoomNameLength { get; set => field = InRange(value, 1, 65_536); } = 256;

    /// <summary>How many rooms a connection may be in; joining one more throws a <see cref="RoomLimitException"/>. Default 1,024. Range: from 1.</summary>
    public int MaxRoomsPerConnection { get; set => field = InRange(value, 1, int.MaxValue); } = 1_024;

    /// <summary>
    /// Bytes that the histories of all rooms may hold together, 64 for each message included. When they are used up, rooms that nobody is in lose theirs, those first
    /// that were left first; then a message takes the place of older ones in its own room. What is compressed of them comes on top: at most twice as much, and none where
    /// clients do not compress. Default 64 MiB. Range: from 0.
    /// </summary>
    public long MaxHistoryMemory { get; set => field = InRange(value, 0, long.MaxValue); } = 64L << 20;

    /// <summary>What shares rooms with other nodes. The server starts it, and disposes it when it stops. Default, null: there are no other nodes.</summary>
    public IRoomBackplane? RoomBackplane { get; set; }
}
