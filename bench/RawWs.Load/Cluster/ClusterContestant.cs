namespace RawWs.Load;

/// <summary>Servers that are a cluster through a Redis, one process for each node.</summary>
/// <param name="Name">What they are called in the table.</param>
/// <param name="NodeAt">How a node is started that finds Redis at a port of this machine.</param>
/// <param name="Path">Where a node sends what it receives to everybody on all nodes.</param>
/// <param name="SpeaksSocketIO">Whether that is the event <c>publish</c> of Socket.IO.</param>
internal sealed record ClusterContestant(string Name, Func<int, ServerStart> NodeAt, string Path, bool SpeaksSocketIO)
{
    /// <summary>rawws with event loops.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="mode">pubsub or streams.</param>
    public static ClusterContestant Rawws(string name, string mode) => new(
        name, port => ServerStart.Rawws("eventloop").With("--redis", $"127.0.0.1:{port}", "--redis-mode", mode), "/broadcast", SpeaksSocketIO: false);

    /// <summary>Servers of Socket.IO that take the address of their Redis as <c>--redis</c>.</summary>
    public static ClusterContestant SocketIO(string name, ServerStart start)
        => new(name, port => start.With("--redis", $"127.0.0.1:{port}"), SocketIOBenchServer.Path, SpeaksSocketIO: true);
}
