namespace RawWs;

/// <summary>A broadcast on its way between nodes. Connections that it leaves out are left out where they are, and not named here.</summary>
public sealed record RoomPublication
{
    /// <summary>For the members of these rooms, each once; empty: for everybody.</summary>
    public required IReadOnlyList<string> Rooms { get; init; }

    /// <summary>But not for the members of these.</summary>
    public IReadOnlyList<string> ExceptRooms { get; init; } = [];

    /// <summary>The message.</summary>
    public required PreparedMessage Message { get; init; }

    /// <summary>How it is sent.</summary>
    public SendOptions Options { get; init; }
}
