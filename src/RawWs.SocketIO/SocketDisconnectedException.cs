namespace RawWs.SocketIO;

/// <summary>An ack will not come: the socket has been disconnected.</summary>
public sealed class SocketDisconnectedException() : IOException("The socket has been disconnected.");
