using System.Net.Sockets;

namespace RawWs.Transport;

/// <summary>The file that stands for a Unix socket: a process that was killed leaves it behind, and the next one must not trip over it.</summary>
internal static class UnixSocketFile
{
    /// <exception cref="SocketException">Somebody listens there, or the file can't be made.</exception>
    public static Socket Listen(UnixDomainSocketEndPoint endPoint, int backlog)
    {
        DeleteIfStale(endPoint);

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(endPoint);
            socket.Listen(backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public static void Delete(UnixDomainSocketEndPoint endPoint)
    {
        if (IsFile(endPoint))
            File.Delete(endPoint.ToString());
    }

    private static void DeleteIfStale(UnixDomainSocketEndPoint endPoint)
    {
        if (!IsFile(endPoint) || !File.Exists(endPoint.ToString()))
            return;

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(endPoint);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionRefused)
        {
            // A socket that nobody listens on. Anything else that stands there is not ours to delete: binding will say so.
            File.Delete(endPoint.ToString());
        }
        catch (SocketException)
        {
            // Not a socket, or not permitted: binding will say so.
        }
    }

    // Names that begin with NUL live in Linux's abstract namespace; .NET shows that as '@'.
    private static bool IsFile(UnixDomainSocketEndPoint endPoint) => endPoint.ToString() is [not '@', ..];
}
