using System.Runtime.InteropServices;

namespace RawWs.Transport;

/// <summary>
/// What Linux knows of files, and .NET does not tell. Sound: the structure is that of statx(2), which is the same on every processor; the system fills it in and keeps no address.
/// </summary>
internal static partial class InteropFiles
{
    private const int CurrentFolder = -100, NoFollow = 0x100;
    private const uint Number = 0x100;

    /// <returns>Whether there is a file, or anything else, at that path; what a link leads to is not asked.</returns>
    public static bool TryIdentify(string path, out FileIdentity identity)
    {
        identity = default;
        try
        {
            if (Stat(CurrentFolder, path, NoFollow, Number, out var status) != 0)
                return false;

            identity = new FileIdentity(((ulong)status.DeviceMajor << 32) | status.DeviceMinor, status.Number);
            return true;
        }
        catch (Exception error) when (error is DllNotFoundException or EntryPointNotFoundException)
        {
            // A system whose C library is called otherwise, or is too old.
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(int folder, string path, int flags, uint mask, out Status status);

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct Status
    {
        [FieldOffset(32)]
        public ulong Number;

        [FieldOffset(136)]
        public uint DeviceMajor;

        [FieldOffset(140)]
        public uint DeviceMinor;
    }
}
