namespace RawWs.Transport;

/// <summary>What applies to every socket of a server.</summary>
/// <param name="Backlog">How many connections the kernel keeps until they are accepted.</param>
/// <param name="UnacknowledgedTimeout">
/// How long sent bytes may stay unacknowledged before the kernel drops a connection (TCP_USER_TIMEOUT), where the system has that.
/// </param>
/// <param name="MaxReceiveSize">Bytes that are read from a socket at once, at most.</param>
internal sealed record SocketTransportOptions(int Backlog, TimeSpan UnacknowledgedTimeout, int MaxReceiveSize = SegmentChain.MaxSegmentSize)
{
    /// <summary>Is told of each attempt to accept that failed: the socket error, or the exception where it was none.</summary>
    public Action<string>? OnAcceptFailed { get; init; }

    /// <summary>Is told of each connection that was dropped for want of a descriptor.</summary>
    public Action? OnDropped { get; init; }

    /// <summary>Is told which event loop is kept by somebody for too long.</summary>
    public Action<int>? OnLoopStalled { get; init; }

    /// <summary>Is told of what nobody has caught on an event loop.</summary>
    public Action<Exception>? OnLoopFailed { get; init; }
}
