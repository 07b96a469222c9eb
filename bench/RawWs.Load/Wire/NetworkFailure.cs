using System.Net.Sockets;

namespace RawWs.Load;

/// <summary>What a client may meet when the other side does not do as it wished.</summary>
internal static class NetworkFailure
{
    public static bool Is(Exception error) => error is SocketException or IOException or InvalidDataException or ObjectDisposedException;
}
