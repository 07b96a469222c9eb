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
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionRefused && IsSocket(endPoint))
        {
            // A socket that nobody listens on.
            File.Delete(endPoint.ToString());
        }
        catch (SocketException)
        {
            // Not a socket, or not permitted: binding will say so.
        }
    }

    // Connecting to a file of any other kind is refused too, and such a file is not ours to delete. What only sockets do: they hold nothing, and
    // can't be opened. Read and write, because opening a named pipe for one of these would wait for its other end.
    private static bool IsSocket(UnixDomainSocketEndPoint endPoint)
    {
        var file = new FileInfo(endPoint.ToString());
        try
        {
            if (file.Length != 0)
                return false;

            file.Open(FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete).Dispose();
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
        catch (IOException error)
        {
            return error is not (FileNotFoundException or DirectoryNotFoundException);
        }
    }

    // Names that begin with NUL live in Linux's abstract namespace; .NET shows that as '@'.
    private static bool IsFile(UnixDomainSocketEndPoint endPoint) => endPoint.ToString() is [not '@', ..];
}
