namespace RawWs.SocketIO.Protocol;

/// <summary>The peer sent what is no packet, or no packet that is allowed. The connection closes.</summary>
/// <param name="reason">What is wrong, a constant: it is shown to the application and never holds what the peer sent.</param>
internal sealed class PacketException(string reason) : Exception(reason);
