namespace RawWs.Transport;

/// <summary>The network ended a connection: it was reset by the peer, timed out, or was aborted by us.</summary>
/// <param name="message">What happened.</param>
/// <param name="innerException">The error of the socket, if there is one.</param>
public sealed class TransportClosedException(string message, Exception? innerException = null) : IOException(message, innerException);
