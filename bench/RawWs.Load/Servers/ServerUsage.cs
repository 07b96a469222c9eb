using System.Diagnostics;
using System.Globalization;

namespace RawWs.Load;

/// <summary>What a process holds at a moment.</summary>
/// <param name="Memory">Bytes of its memory that are resident.</param>
/// <param name="PeakMemory">The most there ever were.</param>
/// <param name="DescriptorCount">Its descriptors; where there is no /proc, what the system calls handles.</param>
internal readonly record struct ServerUsage(long Memory, long PeakMemory, int DescriptorCount)
{
    public static ServerUsage Of(Process process)
    {
        process.Refresh();
        return new ServerUsage(process.WorkingSet64, process.PeakWorkingSet64, DescriptorsOf(process));
    }

    /// <summary>Bytes as people read them.</summary>
    public static string Mebibytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1048576.0:F1} MiB");

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Mebibytes(Memory)}, {DescriptorCount:N0} descriptors");

    private static int DescriptorsOf(Process process)
    {
        var folder = $"/proc/{process.Id}/fd";
        return Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder).Count() : process.HandleCount;
    }
}
