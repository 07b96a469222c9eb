using System.Runtime.InteropServices;

namespace RawWs.Transport;

/// <summary>
/// How many descriptors the process may have. The runtime knows, and does not tell. Sound: the structure has two words, which the system fills in and the
/// runtime does not keep.
/// </summary>
internal static partial class InteropDescriptors
{
    private const int LinuxDescriptors = 7;
    private const int BsdDescriptors = 8;

    /// <summary>The limit as it is now; <see cref="long.MaxValue"/> where there is none, or it can't be had.</summary>
    public static long ReadLimit()
    {
        if (OperatingSystem.IsWindows())
            return long.MaxValue;

        try
        {
            return GetLimit(OperatingSystem.IsLinux() ? LinuxDescriptors : BsdDescriptors, out var limit) == 0
                ? (long)Math.Min(limit.Current, long.MaxValue)
                : long.MaxValue;
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            // A system whose C library is called otherwise.
            return long.MaxValue;
        }
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public nuint Current;
        public nuint Max;
    }
}
