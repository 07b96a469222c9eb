using System.Net;

namespace RawWs.Load;

/// <summary>Where connections go.</summary>
/// <param name="EndPoint">On this machine.</param>
/// <param name="Path">Of the endpoint that echoes or broadcasts.</param>
/// <param name="Process">The server's, whose CPU time is what is divided by.</param>
/// <param name="SpeaksSocketIO">Whether connections join the main namespace of a Socket.IO server before anything else, and messages are its events.</param>
internal sealed record LoadTarget(IPEndPoint EndPoint, string Path, int Process, bool SpeaksSocketIO = false)
{
    /// <summary>The other nodes of a cluster, which connections go to in turn, and whose CPU time counts as well; empty for a server that is alone.</summary>
    public IReadOnlyList<(IPEndPoint EndPoint, int Process)> OtherNodes { get; init; } = [];

    /// <summary>The process through which nodes reach each other, whose CPU time is told apart from theirs; null if there is none.</summary>
    public int? Broker { get; init; }

    /// <summary>How many nodes there are.</summary>
    public int NodeCount => 1 + OtherNodes.Count;

    /// <summary>The CPU time that all nodes have used.</summary>
    public TimeSpan ServerCpu => OtherNodes.Aggregate(Load.ServerCpu.Of(Process), static (sum, node) => sum + Load.ServerCpu.Of(node.Process));

    /// <summary>The CPU time that <see cref="Broker"/> has used.</summary>
    public TimeSpan BrokerCpu => Load.ServerCpu.Of(Broker);

    /// <summary>Which node a connection goes to, by its place among the connections of the loop: 0 is this one.</summary>
    public int NodeOf(int index) => index % NodeCount;

    /// <summary>Where a connection goes.</summary>
    public IPEndPoint EndPointOf(int index) => NodeOf(index) is var node and > 0 ? OtherNodes[node - 1].EndPoint : EndPoint;

    /// <summary>How messages are written that come back to who sent them; null for as they are.</summary>
    public MessageForm? EchoForm => SpeaksSocketIO ? MessageForm.SocketIOAck : null;

    /// <summary>How messages are written that everybody is sent; null for as they are.</summary>
    public MessageForm? BroadcastForm => SpeaksSocketIO ? MessageForm.SocketIOBroadcast : null;
}
