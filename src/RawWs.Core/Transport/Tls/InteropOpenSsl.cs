using System.Net.Security;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RawWs.Transport;

/// <summary>
/// Asks OpenSSL, which does the cryptography beneath <see cref="SslStream"/> on Linux, to give back a connection's buffers whenever they are empty. By itself it keeps
/// one of 16 KiB for each direction, which is most of what an idle connection holds; and the runtime has no option for it.
/// </summary>
/// <remarks>
/// It is a mode of the session, set through the library's own export, on the handle that the runtime keeps in a field of its own. Where anything is not as expected,
/// another version of the runtime or of the library, nothing is done: connections work the same, and hold more.
/// </remarks>
internal static partial class InteropOpenSsl
{
    private const string Library = "libssl.so.3";
    private const int LibraryMajorVersion = 3, MajorVersionShift = 28;

    // SSL_CTRL_MODE and SSL_MODE_RELEASE_BUFFERS of <openssl/ssl.h>.
    private const int ControlMode = 33;
    private const int ReleaseBuffersMode = 0x10;

    private static readonly FieldInfo? HandleField = FindHandle();

    /// <summary>Lets the session of a stream, whose handshake is done, give back its buffers.</summary>
    /// <returns>Whether it does.</returns>
    public static bool TryReleaseBuffers(SslStream stream)
        => HandleField?.GetValue(stream) is SafeHandle { IsInvalid: false } handle
            && handle.GetType().Name == "SafeSslHandle"
            && (Control(handle, ControlMode, ReleaseBuffersMode, 0) & ReleaseBuffersMode) != 0;

    private static FieldInfo? FindHandle()
    {
        if (!OperatingSystem.IsLinux() || Environment.Version.Major != 10)
            return null;

        // The runtime may have chosen another library than the one that is called here: the handle of one means nothing to the other.
        return SafeEvpPKeyHandle.OpenSslVersion >> MajorVersionShift == LibraryMajorVersion && NativeLibrary.TryLoad(Library, out _)
            ? typeof(SslStream).GetField("_securityContext", BindingFlags.Instance | BindingFlags.NonPublic)
            : null;
    }

    [LibraryImport(Library, EntryPoint = "SSL_ctrl")]
    private static partial nint Control(SafeHandle session, int command, nint number, nint pointer);
}
