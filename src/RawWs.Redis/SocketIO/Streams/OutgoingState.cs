namespace RawWs.Redis.SocketIO;

/// <summary>What became of something that is to be added to a stream.</summary>
internal enum OutgoingState
{
    /// <summary>It has not been sent, or is to be sent again.</summary>
    Waiting,

    /// <summary>It has been sent, and Redis has not answered yet.</summary>
    Sent,

    /// <summary>The connection was lost before the answer: whether it was added the stream will show.</summary>
    Unknown,

    /// <summary>It was added, and has not come back from the stream yet.</summary>
    Added,
}
