using RawWs.Transport;

namespace RawWs.Tests.Transport;

/// <summary>Connections on event loops without a server.</summary>
internal static class EventLoops
{
    /// <summary>Loops that end when their last connection does.</summary>
    public static EventLoopGroup NewGroup(EventLoopTransportOptions? options = null, SocketTransportOptions? sockets = null)
        => LoopbackTests.NewEventLoop(options).For(sockets ?? new SocketTransportOptions(Backlog: 16, TimeSpan.Zero), TimeProvider.System);

    /// <summary>Makes the server's end a connection on a loop.</summary>
    public static EventLoopConnection Connect(SocketPair pair, EventLoopGroup? group = null)
    {
        var connection = (group ?? NewGroup()).TakeOver(pair.Server);
        pair.IsServerTaken = true;
        return connection;
    }
}
