namespace RawWs.Diagnostics;

/// <summary>Why a message was dropped.</summary>
internal enum DropReason
{
    /// <summary>It was not.</summary>
    None,

    /// <summary>The queue was full, and the policy drops the newest.</summary>
    Newest,

    /// <summary>The queue was full, and the policy drops the oldest.</summary>
    Oldest,

    /// <summary>A newer value of the same key took its place.</summary>
    Conflated,

    /// <summary>The queue was full, and the policy disconnects.</summary>
    Disconnected,

    /// <summary>The queues of the process were too large together, and this connection was the slowest.</summary>
    Ceiling,

    /// <summary>The connection ended before the network had taken it.</summary>
    Closed,

    /// <summary>Its sender gave up before any of it was sent: it no longer wanted to wait, or the source of the message failed.</summary>
    Cancelled,
}
