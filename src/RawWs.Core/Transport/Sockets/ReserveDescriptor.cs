using Microsoft.Win32.SafeHandles;

namespace RawWs.Transport;

/// <summary>
/// A descriptor that is kept for the day when there are no others: given up, it makes room for one connection that has to be accepted before it can be
/// dropped. Where the system does not number its descriptors, on Windows, there is nothing to keep.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ReserveDescriptor : IDisposable
{
    private readonly Lock _gate = new();
    private SafeFileHandle? _handle;
    private bool _isDisposed;

    /// <summary>Makes sure that it is there.</summary>
    /// <returns>Whether it is: somebody else may have taken the last one.</returns>
    public bool TryTake()
    {
        lock (_gate)
        {
            if (_handle is null && !_isDisposed && !OperatingSystem.IsWindows())
                _handle = TryOpen();

            return _handle is not null;
        }
    }

    /// <summary>Gives it up until it is taken again.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _handle?.Dispose();
            _handle = null;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            Release();
        }
    }

    private static SafeFileHandle? TryOpen()
    {
        try
        {
            // Shared, or it would be locked, and other users of the device would notice.
            return File.OpenHandle("/dev/null", share: FileShare.ReadWrite);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // There are still none, or there is no such device here.
            return null;
        }
    }
}
