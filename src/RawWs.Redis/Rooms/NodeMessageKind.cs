namespace RawWs.Redis.Rooms;

/// <summary>What nodes say to each other.</summary>
internal enum NodeMessageKind : byte
{
    /// <summary>It lives. Said at regular intervals, and to whoever is new.</summary>
    Here = 0,

    /// <summary>It ends.</summary>
    Gone = 1,

    /// <summary>How many members does a room have on each of you?</summary>
    Question = 2,

    /// <summary>So many.</summary>
    Answer = 3,
}
