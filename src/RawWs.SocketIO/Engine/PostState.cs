namespace RawWs.SocketIO.Engine;

/// <summary>Where the last post of a session stands.</summary>
internal enum PostState
{
    /// <summary>There is none.</summary>
    None,

    /// <summary>Its body is on its way.</summary>
    Reading,

    /// <summary>Its packets wait for those of the one before.</summary>
    Waiting,

    /// <summary>Its packets are worked on.</summary>
    Received,
}
