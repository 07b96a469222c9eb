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

    /// <summary>What shares rooms with other nodes. The server starts it, and disposes it when it stops. Default, null: there are no other nodes.</summary>
    public IRoomBackplane? RoomBackplane { get; set; }
}
