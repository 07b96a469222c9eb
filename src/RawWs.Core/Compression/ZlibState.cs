using System.Runtime.InteropServices;

namespace RawWs.Compression;

/// <summary>A native state of zlib's, freed once: by its owner, or by the finalizer if that has forgotten.</summary>
/// <remarks>Used by one thread at a time.</remarks>
internal abstract class ZlibState : SafeHandle
{
    private readonly long _cost;

    protected ZlibState(int windowBits, long cost)
        : base(IntPtr.Zero, ownsHandle: true)
    {
        (WindowBits, _cost) = (windowBits, cost);
        DeflateBudget.Take(cost);
    }

    /// <summary>The size of the sliding window, as a power of two.</summary>
    public int WindowBits { get; }

    /// <inheritdoc/>
    public override bool IsInvalid => handle == IntPtr.Zero;

    /// <summary>Says that the native side has been initialised and must be freed.</summary>
    protected void Own(nint internalState) => SetHandle(internalState);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!IsClosed)
            DeflateBudget.Return(_cost);

        base.Dispose(disposing);
    }
}
