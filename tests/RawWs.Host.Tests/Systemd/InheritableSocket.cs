using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace RawWs.Host.Tests;

/// <summary>A socket of this process that processes which it starts have too.</summary>
internal sealed partial class InheritableSocket : IDisposable
{
    // fcntl(2), on Linux and macOS alike: what is not closed by exec is inherited.
    private const int SetDescriptorFlags = 2, NoFlags = 0;

    private readonly Socket _socket;

    private InheritableSocket(Socket socket)
    {
        _socket = socket;
        Assert.Equal(0, SetFlags(socket.SafeHandle, SetDescriptorFlags, NoFlags));
    }

    public nint Descriptor => _socket.SafeHandle.DangerousGetHandle();

    public EndPoint EndPoint => _socket.LocalEndPoint!; // It is bound.

    public static InheritableSocket Listen(EndPoint endPoint)
    {
        var bound = Bind(endPoint);
        bound._socket.Listen();
        return bound;
    }

    public static InheritableSocket Bind(EndPoint endPoint)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(endPoint);
        return new InheritableSocket(socket);
    }

    public void Dispose() => _socket.Dispose();

    [LibraryImport("libc", EntryPoint = "fcntl")]
    private static partial int SetFlags(SafeHandle descriptor, int command, int flags);
}
