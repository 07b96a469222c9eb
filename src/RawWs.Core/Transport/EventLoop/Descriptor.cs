using Microsoft.Win32.SafeHandles;

namespace RawWs.Transport;

/// <summary>
/// A descriptor of the system's. Closing it while a call on another thread uses it lets that call end first: its number is not given to anybody else before.
/// </summary>
internal sealed class Descriptor : SafeHandleMinusOneIsInvalid
{
    /// <summary>A number that no descriptor has: a call with it fails.</summary>
    public const int None = -1;

    public Descriptor(nint number) : base(ownsHandle: true) => SetHandle(number);

    /// <summary>Its number, for the thread that closes it: on any other the number may be somebody else's the moment after.</summary>
    /// <exception cref="ObjectDisposedException">It has been closed.</exception>
    public int OpenNumber => IsClosed ? throw new ObjectDisposedException(nameof(Descriptor)) : (int)handle;

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        // On Linux the number is free whatever the answer.
        _ = InteropEventLoop.Close(handle);
        return true;
    }
}
