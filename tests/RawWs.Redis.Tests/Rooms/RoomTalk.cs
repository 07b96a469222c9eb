using RawWs.Testing;

namespace RawWs.Redis.Tests.Rooms;

/// <summary>What nodes say in the tests of faults, and what has to be heard of it.</summary>
internal static class RoomTalk
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    /// <summary>Waits until nodes are connected, over both of their connections.</summary>
    public static async Task ConnectedAsync(params RoomNode[] nodes)
    {
        foreach (var node in nodes)
            await Eventually.HoldsAsync(() => node.Backplane.IsConnected && node.Client?.ConnectionCount == 2);
    }

    /// <summary>Waits until nodes have no connection.</summary>
    public static async Task DisconnectedAsync(params RoomNode[] nodes)
    {
        foreach (var node in nodes)
            await Eventually.HoldsAsync(() => node.Client?.ConnectionCount == 0);
    }

    /// <summary>Says one thing after the other, each when the one before has been heard at home.</summary>
    /// <returns>What was said.</returns>
    public static async Task<List<string>> TalkAsync(RoomNode node, string name, CancellationToken cancellationToken)
    {
        var said = new List<string>();
        while (!cancellationToken.IsCancellationRequested)
        {
            said.Add($"{name} {said.Count}");
            node.Say(said[^1]);
            await node.HearsAsync(said[^1]);
        }

        return said;
    }

    /// <summary>Says something until it is heard: a node that has not noticed yet that it is cut off does not hear everything, and is told that later.</summary>
    public static async Task SayUntilHeardAsync(RoomNode speaker, RoomNode listener, List<string> said, string text = "behind")
    {
        using var deadline = new CancellationTokenSource(LongestWait);
        for (var number = 0; ; number++)
        {
            said.Add($"{text} {number}");
            speaker.Say(said[^1]);
            for (var look = 0; look < 10; look++)
            {
                if (listener.Heard.Contains(said[^1]))
                    return;

                await Task.Delay(TimeSpan.FromMilliseconds(50), deadline.Token);
            }
        }
    }

    /// <summary>Waits until something that has to be asked for is so.</summary>
    public static async Task WaitUntilAsync(Func<Task<bool>> holdsAsync)
    {
        using var deadline = new CancellationTokenSource(LongestWait);
        while (!await holdsAsync())
            deadline.Token.ThrowIfCancellationRequested();
    }

    /// <summary>Nothing came twice or out of order; and what did not come was told where it was missing. Streams have it all.</summary>
    public static void AssertHeardOrTold(RedisBackplaneMode mode, RoomNode node, params string[] said)
    {
        var heard = node.Heard.Where(text => said.Contains(text) || text == RoomNode.Lost).ToArray();
        if (mode == RedisBackplaneMode.Streams)
        {
            Assert.Equal(said, heard);
            return;
        }

        var (next, isTold) = (0, false);
        foreach (var text in heard)
        {
            if (text == RoomNode.Lost)
            {
                isTold = true;
                continue;
            }

            var at = Array.IndexOf(said, text);
            if (at != next && (at < next || !isTold))
                Assert.Fail($"'{text}' came where '{said[Math.Min(next, said.Length - 1)]}' was due: {string.Join(", ", heard)}");

            (next, isTold) = (at + 1, false);
        }

        Assert.Equal(said.Length, next);
    }
}
