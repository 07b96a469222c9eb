namespace RawWs.Transport;

/// <summary>Which file it is that a path leads to at some moment: another one in its place is told from it, for as long as it is in use.</summary>
/// <param name="Device">What it lies on.</param>
/// <param name="Number">Its number there.</param>
internal readonly record struct FileIdentity(ulong Device, ulong Number)
{
    /// <returns>Null if there is none, or the system does not tell.</returns>
    public static FileIdentity? Of(string path)
    {
        if (OperatingSystem.IsLinux())
            return InteropFiles.TryIdentify(path, out var identity) ? identity : null;

        try
        {
            // Elsewhere .NET tells no number. Nobody writes into the file of a socket: that is when it was made, and clocks there are fine enough.
            return File.Exists(path) ? new FileIdentity(0, (ulong)File.GetLastWriteTimeUtc(path).Ticks) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It can't be asked for.
            return null;
        }
    }
}
