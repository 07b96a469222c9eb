namespace RawWs.Load;

/// <summary>What a <see cref="FloodWorker"/> sends.</summary>
internal enum FloodKind
{
    /// <summary>Messages of one byte, whose echoes are read.</summary>
    Messages,

    /// <summary>Messages of one byte, whose echoes are not.</summary>
    UnreadMessages,

    Pings,

    Pongs,

    EmptyFrames,
}
