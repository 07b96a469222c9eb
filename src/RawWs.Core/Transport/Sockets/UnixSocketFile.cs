using System.Net;
using System.Net.Sockets;

namespace RawWs.Transport;

/// <summary>The file that stands for a Unix socket: a process that was killed leaves it behind, and the next one must not trip over it.</summary>
internal sealed class UnixSocketFile
{
    private readonly string _path;

    // Null where the system does not tell, and then it is left to the next one.
    private readonly FileIdentity? _identity;

    private UnixSocketFile(string path) => (_path, _identity) = (path, FileIdentity.Of(path));

    /// <summary>Makes a socket that listens.</summary>
    /// <param name="endPoint">Where.</param>
    /// <param name="backlog">How many connections the kernel keeps until they are accepted.</param>
    /// <param name="file">Its file; null for a name that has none.</param>
    /// <exception cref="SocketException">Somebody listens there, or the file can't be made.</exception>
    public static Socket Listen(UnixDomainSocketEndPoint endPoint, int backlog, out UnixSocketFile? file)
    {
        DeleteIfStale(endPoint);

        file = null;
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new Place(endPoint));
            file = IsFile(endPoint) ? new UnixSocketFile(endPoint.ToString()) : null;
            socket.Listen(backlog);
            return socket;
        }
        catch
        {
            using (socket)
                file?.Delete();

            throw;
        }
    }

    /// <summary>Deletes it. Called before the socket is closed, which keeps others from being taken for it: what has come in its place meanwhile is somebody else's.</summary>
    public void Delete()
    {
        if (_identity is { } identity && FileIdentity.Of(_path) == identity)
            File.Delete(_path);
    }

    private static void DeleteIfStale(UnixDomainSocketEndPoint endPoint)
    {
        if (!IsFile(endPoint) || !File.Exists(endPoint.ToString()))
            return;

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);

        // Whoever listens may hang, and then Linux would let this wait in line behind others. Elsewhere it answers at once.
        if (OperatingSystem.IsLinux())
            probe.Blocking = false;

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
            // Not a socket, or not permitted, or one with a line before it that is full: binding will say so.
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

    /// <summary>The same end point, of which the runtime does not know that it has a file: closing the socket, it would delete whatever is there.</summary>
    private sealed class Place(UnixDomainSocketEndPoint endPoint) : EndPoint
    {
        /// <inheritdoc/>
        public override AddressFamily AddressFamily => AddressFamily.Unix;

        /// <inheritdoc/>
        public override SocketAddress Serialize() => endPoint.Serialize();

        /// <inheritdoc/>
        public override EndPoint Create(SocketAddress socketAddress) => endPoint.Create(socketAddress);
    }
}
