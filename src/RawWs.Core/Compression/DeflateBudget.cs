namespace RawWs.Compression;

/// <summary>How much native memory the states of this process take, all servers together, as zlib's manual reckons it.</summary>
internal static class DeflateBudget
{
    private static long _taken;

    /// <summary>Bytes that all living states take.</summary>
    public static long Taken => Interlocked.Read(ref _taken);

    public static void Take(long cost) => Interlocked.Add(ref _taken, cost);

    public static void Return(long cost) => Interlocked.Add(ref _taken, -cost);
}
