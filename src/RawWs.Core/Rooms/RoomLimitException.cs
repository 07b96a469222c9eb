namespace RawWs;

/// <summary>
/// There are too many rooms, or the connection is in too many. A session may let it pass: its connection is then closed with 1013, and nothing is logged as an
/// error, for this is what peers can bring about.
/// </summary>
/// <param name="message">Which limit was reached.</param>
public sealed class RoomLimitException(string message) : InvalidOperationException(message);
