namespace RawWs.Load;

/// <summary>What the system's TCP holds for all processes together, from /proc/net/sockstat.</summary>
internal static class KernelSockets
{
    private const string Source = "/proc/net/sockstat";

    /// <summary>
    /// Bytes of socket buffers: what has been received and not read, or sent and not acknowledged. The sockets themselves are not in it.
    /// </summary>
    /// <returns>Null where there is no such file.</returns>
    public static long? BufferBytes()
    {
        if (!File.Exists(Source))
            return null;

        // TCP: inuse 27 orphan 0 tw 23 alloc 30 mem 3
        var words = File.ReadLines(Source).FirstOrDefault(line => line.StartsWith("TCP:", StringComparison.Ordinal))?.Split(' ') ?? [];
        return Array.IndexOf(words, "mem") is var place and > 0 && long.TryParse(words[place + 1], out var pages) ? pages * Environment.SystemPageSize : null;
    }
}
