namespace RawWs.Redis.Tests.SocketIO;

/// <summary>The adapters that join Socket.IO servers, by what Node's test server calls them.</summary>
public enum AdapterKind
{
    PubSub,
    Sharded,
    Streams,
}
