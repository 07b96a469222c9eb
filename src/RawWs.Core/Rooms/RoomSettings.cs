using Microsoft.Extensions.Logging;
using RawWs.Diagnostics;

namespace RawWs.Rooms;

/// <summary>What all rooms of a server have in common.</summary>
internal sealed record RoomSettings
{
    public required int MaxRoomCount { get; init; }

    public required int MaxRoomNameLength { get; init; }

    public required int MaxRoomsPerConnection { get; init; }

    /// <summary>Bytes that the histories of all rooms may hold together.</summary>
    public required long MaxHistoryMemory { get; init; }

    /// <summary>What a room does, by its name.</summary>
    public required Func<string, RoomOptions> OptionsOf { get; init; }

    /// <summary>How long an awaited broadcast waits for those who lag behind.</summary>
    public required TimeSpan PacingTimeout { get; init; }

    public required IRoomBackplane Backplane { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Where limits that were reached are reported.</summary>
    public required Refusals Refusals { get; init; }

    public required ServerMetrics Metrics { get; init; }

    public required ILogger Logger { get; init; }
}
