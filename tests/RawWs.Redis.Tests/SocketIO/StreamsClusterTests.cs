namespace RawWs.Redis.Tests.SocketIO;

/// <summary>Servers that are joined by a stream.</summary>
public sealed class StreamsClusterTests() : MixedClusterTests(AdapterKind.Streams)
{
    private protected override Task WaitForRoomsAsync() => ClusterServer.WaitForReadersAsync(Rig, 3);
}
