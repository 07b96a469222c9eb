using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace RawWs.Transport;

/// <summary>Tells the processor what is needed soon. With many connections their objects are in none of its near caches, and each would be waited for, one behind the other.</summary>
internal static class ProcessorCache
{
    private const int LineSize = 64;

    /// <summary>Begins to load an object, and waits for nothing.</summary>
    /// <param name="value">The object.</param>
    /// <param name="size">How many bytes of it are needed, about; what lies behind them is at worst loaded in vain.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe void Load(object value, int size)
    {
        if (!Sse.IsSupported)
            return;

        // It may be moved at any time, and then the wrong bytes are loaded, which nobody reads.
        var start = *(byte**)Unsafe.AsPointer(ref value);
        for (var offset = 0; offset < size; offset += LineSize)
            Sse.Prefetch0(start + offset);
    }
}
