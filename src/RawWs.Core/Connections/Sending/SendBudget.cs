namespace RawWs.Connections;

/// <summary>How much memory the outgoing queues of this process hold, all servers together: each frame once, in however many queues it waits.</summary>
internal static class SendBudget
{
    /// <summary>What a frame costs beyond its bytes: the objects around them.</summary>
    public const int FrameCost = 64;

    /// <summary>What a place in a queue costs.</summary>
    public const int PlaceCost = 16;

    private static long _taken;

    /// <summary>Bytes that are held at this moment.</summary>
    public static long Taken => Interlocked.Read(ref _taken);

    public static void Take(long cost) => Interlocked.Add(ref _taken, cost);

    public static void Return(long cost) => Interlocked.Add(ref _taken, -cost);
}
