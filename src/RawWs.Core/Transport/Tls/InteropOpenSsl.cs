using System.Net.Security;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace RawWs.Transport;

/// <summary>
/// Asks OpenSSL, which does the cryptography beneath <see cref="SslStream"/> on Linux, to give back a connection's buffers whenever they are empty. By itself it keeps
/// one of 16 KiB for each direction, and beside each another one, through which the runtime gives it records and takes them, as large as the largest record so far: most of what an idle connection
/// holds. The runtime has no option for any of it.
/// </summary>
/// <remarks>
/// It is done through the libraries' own exports, on the handle that the runtime keeps in a field of its own. Where anything is not as expected,
/// another version of the runtime or of the library, nothing is done: connections work the same, and hold more.
/// </remarks>
internal static partial class InteropOpenSsl
{
    private const string Library = "libssl.so.3", CryptoLibrary = "libcrypto.so.3";
    private const int LibraryMajorVersion = 3, MajorVersionShift = 28;

    // SSL_CTRL_MODE and SSL_MODE_RELEASE_BUFFERS of <openssl/ssl.h>.
    private const int ControlMode = 33;
    private const int ReleaseBuffersMode = 0x10;

    // BIO_TYPE_MEM, BIO_CTRL_PENDING, BIO_C_SET_BUF_MEM and BIO_CLOSE of <openssl/bio.h>.
    private const int MemoryType = 0x401;
    private const int ControlPending = 10, ControlSetMemory = 114, CloseWithBio = 1;

    private static readonly FieldInfo? HandleField = FindHandle();

    /// <summary>Lets the session of a stream, whose handshake is done, give back its buffers, and gives back those that the handshake has filled.</summary>
    /// <returns>The session, if it does; null otherwise.</returns>
    public static SafeHandle? TryReleaseBuffers(SslStream stream)
    {
        if (HandleField?.GetValue(stream) is not SafeHandle { IsInvalid: false } session
            || session.GetType().Name != "SafeSslHandle"
            || (Control(session, ControlMode, ReleaseBuffersMode, 0) & ReleaseBuffersMode) == 0)
        {
            return null;
        }

        TryReleaseInput(session);
        TryReleaseOutput(session);
        return session;
    }

    /// <summary>Gives back the memory through which records are given to a session. Nobody reads from it or writes to it meanwhile.</summary>
    /// <returns>Whether it was empty, and is given back.</returns>
    public static bool TryReleaseInput(SafeHandle session) => TryRelease(GetInput(session));

    /// <summary>Gives back the memory through which records are taken from a session. Nobody reads from it or writes to it meanwhile.</summary>
    /// <returns>Whether it was empty, and is given back.</returns>
    public static bool TryReleaseOutput(SafeHandle session) => TryRelease(GetOutput(session));

    // A new memory in place of the old one, which OpenSSL frees.
    private static bool TryRelease(nint bio)
    {
        if (bio == 0 || TypeOf(bio) != MemoryType || ControlBio(bio, ControlPending, 0, 0) != 0)
            return false;

        var memory = NewMemory();
        return memory != 0 && ControlBio(bio, ControlSetMemory, CloseWithBio, memory) == 1;
    }

    private static FieldInfo? FindHandle()
    {
        if (!OperatingSystem.IsLinux() || Environment.Version.Major != 10)
            return null;

        // The runtime may have chosen another library than the one that is called here: the handle of one means nothing to the other.
        return SafeEvpPKeyHandle.OpenSslVersion >> MajorVersionShift == LibraryMajorVersion && NativeLibrary.TryLoad(Library, out _) && NativeLibrary.TryLoad(CryptoLibrary, out _)
            ? typeof(SslStream).GetField("_securityContext", BindingFlags.Instance | BindingFlags.NonPublic)
            : null;
    }

    [LibraryImport(Library, EntryPoint = "SSL_ctrl")]
    private static partial nint Control(SafeHandle session, int command, nint number, nint pointer);

    [LibraryImport(Library, EntryPoint = "SSL_get_rbio")]
    private static partial nint GetInput(SafeHandle session);

    [LibraryImport(Library, EntryPoint = "SSL_get_wbio")]
    private static partial nint GetOutput(SafeHandle session);

    [LibraryImport(CryptoLibrary, EntryPoint = "BIO_method_type")]
    private static partial int TypeOf(nint bio);

    [LibraryImport(CryptoLibrary, EntryPoint = "BIO_ctrl")]
    private static partial nint ControlBio(nint bio, int command, nint number, nint pointer);

    [LibraryImport(CryptoLibrary, EntryPoint = "BUF_MEM_new")]
    private static partial nint NewMemory();
}
