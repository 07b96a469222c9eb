namespace RawWs;

/// <summary>
/// There are too many rooms, the connection is in too many, or the name of a room is too long. A session may let it pass: its connection is then closed with 1013,
/// or with 1008 for the name, and nothing is logged as an error, for this is what peers can bring about.
/// </summary>
public sealed class RoomLimitException : InvalidOperationException
{
    internal RoomLimitException(string message, CloseCode closeCode = CloseCode.TryAgainLater, string closeReason = "there are too many rooms")
        : base(message)
        => (CloseCode, CloseReason) = (closeCode, closeReason);

    /// <summary>What the connection is closed with.</summary>
    internal CloseCode CloseCode { get; }

    /// <summary>The reason that goes with it.</summary>
    internal string CloseReason { get; }
}
