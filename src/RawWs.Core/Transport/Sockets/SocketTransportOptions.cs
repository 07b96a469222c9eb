namespace RawWs.Transport;

/// <summary>What applies to every socket of a <see cref="SocketTransport"/>.</summary>
/// <param name="Backlog">How many connections the kernel keeps until they are accepted.</param>
/// <param name="UnacknowledgedTimeout">
/// How long sent bytes may stay unacknowledged before the kernel drops a connection (TCP_USER_TIMEOUT), where the system has that.
/// </param>
/// <param name="MaxReceiveSize">Bytes that are read from a socket at once, at most.</param>
internal sealed record SocketTransportOptions(int Backlog, TimeSpan UnacknowledgedTimeout, int MaxReceiveSize = SegmentChain.MaxSegmentSize);
