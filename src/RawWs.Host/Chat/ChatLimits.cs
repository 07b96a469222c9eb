namespace RawWs.Host;

/// <summary>What a chat takes. Lengths of texts are in UTF-16 code units, as browsers count them.</summary>
internal static class ChatLimits
{
    /// <summary>The name of a room, which is the rest of the path behind <c>/rooms/</c>.</summary>
    public const int MaxRoomLength = 64;

    /// <summary>The name of somebody.</summary>
    public const int MaxNameLength = 32;

    /// <summary>One message.</summary>
    public const int MaxTextLength = 4_000;

    /// <summary>What a client calls its message or its ping.</summary>
    public const int MaxIdLength = 64;

    /// <summary>Bytes in an event of a client. The longest text fits, with every character of it escaped.</summary>
    public const int MaxEventSize = 32 * 1024;

    /// <summary>Members of a room, on all nodes together. Each change of a room is told to all of them, and all of them to whoever joins.</summary>
    public const int MaxMembers = 1_000;

    /// <summary>Messages that whoever joins is sent first, unless the command line says otherwise.</summary>
    public const int DefaultHistory = 100;

    /// <summary>How long what was said in a room outlives its last member.</summary>
    public static readonly TimeSpan HistoryTimeout = TimeSpan.FromDays(1);
}
