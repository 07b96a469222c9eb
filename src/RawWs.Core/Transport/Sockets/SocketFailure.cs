using System.Net.Sockets;

namespace RawWs.Transport;

/// <summary>The errors of a socket in the words of the seam.</summary>
internal static class SocketFailure
{
    public static TransportClosedException From(SocketError error) => error switch
    {
        SocketError.OperationAborted or SocketError.Interrupted => Aborted(),
        SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown => new("The peer reset the connection."),
        SocketError.TimedOut => new("The peer stopped acknowledging what was sent."),
        _ => new("The connection failed.", new SocketException((int)error)),
    };

    public static TransportClosedException Aborted() => new("The connection was aborted.");
}
