using System.Runtime.InteropServices;
using RawWs.Transport;

namespace RawWs.Load;

/// <summary>
/// The one call that the server's own event loops have no use for: sending bytes that lie in one piece. Sound: the memory is pinned for as long as the call
/// takes, and the descriptor kept open by its handle.
/// </summary>
internal static unsafe partial class InteropSend
{
    private const int DontWait = 0x40, NoSignal = 0x4000;

    /// <returns>How many bytes the system took; -1 for an error.</returns>
    public static int Send(Descriptor socket, ReadOnlySpan<byte> bytes, out int error)
    {
        fixed (byte* first = bytes)
        {
            var count = (int)Send(socket, first, (nuint)bytes.Length, DontWait | NoSignal);
            error = count < 0 ? Marshal.GetLastPInvokeError() : 0;
            return count;
        }
    }

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    private static partial nint Send(Descriptor socket, byte* bytes, nuint count, int flags);
}
