namespace RawWs.Redis.Tests.SocketIO;

/// <summary>Servers that are joined by sharded channels.</summary>
public sealed class ShardedClusterTests() : MixedClusterTests(AdapterKind.Sharded)
{
    // Each of them has subscribed to the channels of the rooms that it has members in.
    private protected override async Task WaitForRoomsAsync()
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        foreach (var (room, serverCount) in new[] { ("room", 3), ("first", 1), ("second", 1), ("third", 1), (Unusual, 2) })
        {
            while ((await Rig.Server.ExecuteAsync("PUBSUB", "SHARDNUMSUB", $"socket.io#/#{room}#")).Items[1].ToInteger() != serverCount)
                deadline.Token.ThrowIfCancellationRequested();
        }
    }
}
