using Microsoft.Win32.SafeHandles;

namespace RawWs.Transport;

/// <summary>
/// A descriptor of the system's. Closing it while a call on another thread uses it lets that call end first: its number is not given to anybody else before.
/// </summary>
internal sealed class Descriptor : SafeHandleMinusOneIsInvalid
{
    public Descriptor(nint number) : base(ownsHandle: true) => SetHandle(number);

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        // On Linux the number is free whatever the answer.
        _ = InteropEventLoop.Close(handle);
        return true;
    }
}
