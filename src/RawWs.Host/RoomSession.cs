namespace RawWs.Host;

/// <summary>Whatever somebody sends goes, as it is, to everybody on the same path, its sender included.</summary>
internal sealed class RoomSession(WebSocketServer server, SendOptions options)
{
    /// <summary>One room for all.</summary>
    public const string BroadcastPath = "/broadcast";

    /// <summary>A room for each name.</summary>
    public const string RoomsPath = "/rooms/*";

    /// <summary>Characters in a path that names a room; the server's limit on the names of rooms is set to it.</summary>
    public const int MaxPathLength = 256;

    /// <summary>What the rooms do.</summary>
    /// <param name="path">The path, which is the name of the room.</param>
    /// <param name="history">How many messages whoever joins is sent first.</param>
    /// <returns>Null for a room that only passes on messages.</returns>
    public static RoomOptions? RoomOptionsFor(string path, int history)
        => path == BroadcastPath || history == 0 ? null : new RoomOptions { HistoryCount = history };

    public async Task RunAsync(WebSocketConnection connection, CancellationToken cancellationToken)
    {
        var room = server.Rooms[connection.Path];
        room.Join(connection);

        // Awaited, so that whoever sends is held to the pace of those who read; without the token, so that a stop does not end it before its turn.
        await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
            await room.BroadcastAsync(message, options: options, cancellationToken: CancellationToken.None);
    }
}
