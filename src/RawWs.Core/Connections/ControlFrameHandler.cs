namespace RawWs;

/// <summary>Is told of a ping or pong of the peer's.</summary>
/// <param name="connection">The connection that it came on.</param>
/// <param name="payload">Its application data, at most 125 bytes; valid during the call.</param>
/// <remarks>Called on the connection's read path, in the order of arrival: return quickly and do not throw.</remarks>
public delegate void ControlFrameHandler(WebSocketConnection connection, ReadOnlySpan<byte> payload);
