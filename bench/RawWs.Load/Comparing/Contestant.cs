namespace RawWs.Load;

/// <summary>A server that takes part in a comparison.</summary>
/// <param name="Name">What it is called in the table.</param>
/// <param name="Echo">How the server is started that echoes.</param>
/// <param name="EchoPath">Where it does.</param>
/// <param name="Broadcast">How the server is started that sends to everybody; null for the one that echoes.</param>
/// <param name="BroadcastPath">Where it does; null if it can't.</param>
internal sealed record Contestant(string Name, ServerStart Echo, string EchoPath, ServerStart? Broadcast, string? BroadcastPath)
{
    /// <summary>Whether it is a server of Socket.IO, with the events <c>echo</c> and <c>publish</c>.</summary>
    public bool SpeaksSocketIO { get; init; }

    /// <summary>A server of Socket.IO.</summary>
    public static Contestant SocketIO(string name, ServerStart start)
        => new(name, start, SocketIOBenchServer.Path, Broadcast: null, SocketIOBenchServer.Path) { SpeaksSocketIO = true };

    public static Contestant Rawws(string name, string transport) => Peer(name, ServerStart.Rawws(transport));

    /// <summary>One with the endpoints that all servers of this repository have.</summary>
    public static Contestant Peer(string name, ServerStart start) => new(name, start, "/echo", Broadcast: null, "/broadcast");
}
