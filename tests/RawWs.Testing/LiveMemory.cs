namespace RawWs.Testing;

/// <summary>What the objects take that are still in use.</summary>
/// <remarks>
/// <see cref="GC.GetTotalMemory"/> is no measure for it: in some processes, from some collection on, it also counts megabytes of free space in regions that had few survivors.
/// </remarks>
public static class LiveMemory
{
    /// <summary>Collects what is not in use, and what its finalizers have let go of, and counts the rest.</summary>
    /// <returns>Bytes of all objects of this process, without the space between them.</returns>
    public static long Measure()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        var info = GC.GetGCMemoryInfo(GCKind.FullBlocking);
        return info.HeapSizeBytes - info.FragmentedBytes;
    }
}
