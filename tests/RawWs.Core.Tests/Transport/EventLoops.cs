using System.Diagnostics.CodeAnalysis;
using RawWs.Transport;

namespace RawWs.Tests.Transport;

/// <summary>Connections on event loops without a server.</summary>
internal static class EventLoops
{
    /// <summary>Loops that end when their last connection does.</summary>
    public static EventLoopGroup NewGroup(EventLoopTransportOptions? options = null, SocketTransportOptions? sockets = null)
        => LoopbackTests.NewEventLoop(options).For(sockets ?? new SocketTransportOptions(Backlog: 16, TimeSpan.Zero), TimeProvider.System);

    /// <summary>Makes the server's end a connection on a loop, which owns its descriptor from then on.</summary>
    [SuppressMessage("Usage", "CA1816", Justification = "It is the socket that must not close what it does not have any more.")]
    public static EventLoopConnection Connect(SocketPair pair, EventLoopGroup? group = null)
    {
        var accepted = new AcceptedSocket(new Descriptor(pair.Server.Handle), pair.Server.RemoteEndPoint);
        var connection = (group ?? NewGroup()).TakeOver(accepted, localEndPoint: null);

        // The runtime's handle would reset the connection when it is closed without its socket.
        pair.Server.SafeHandle.SetHandleAsInvalid();
        GC.SuppressFinalize(pair.Server);
        pair.IsServerTaken = true;
        return connection;
    }
}
