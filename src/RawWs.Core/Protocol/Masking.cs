using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text;

namespace RawWs.Protocol;

/// <summary>
/// The masking of client frames (RFC 6455 §5.3): "octet i of the transformed data is the XOR of octet i of the original data with
/// octet at index i modulo 4 of the masking key". The same operation masks and unmasks.
/// </summary>
/// <remarks>
/// <para>
/// Where the length is no multiple of a vector's, the last vector overlaps the one before it. It is read before any is written, and written after all are, so that
/// both write the same.
/// </para>
/// <para>
/// No reference leaves the payload: a form is chosen for payloads of at least one of its words or vectors, the last of them begins its own length before the end,
/// and the others begin before the last.
/// </para>
/// </remarks>
internal static class Masking
{
    /// <summary>From here on it pays to begin the loop at an aligned address, for then no vector of it lies in two cache lines.</summary>
    private const int AlignedLength = 512;

    /// <summary>Applies the key to <paramref name="payload"/> in place, with the widest vectors there are.</summary>
    /// <param name="payload">A piece of a payload.</param>
    /// <param name="maskingKey">The key, its first byte lowest, turned to where the piece begins.</param>
    /// <returns>The key for the piece that follows.</returns>
    public static uint Apply(Span<byte> payload, uint maskingKey)
    {
        Transform(payload, maskingKey);
        return Turn(maskingKey, payload.Length);
    }

    /// <summary>Does what <see cref="Apply"/> does, and looks at what comes out on its way.</summary>
    /// <param name="payload">A piece of a payload.</param>
    /// <param name="maskingKey">The key, turned to where the piece begins, and then to the piece that follows.</param>
    /// <returns>Whether <paramref name="payload"/> is now ASCII throughout.</returns>
    public static bool ApplyToText(Span<byte> payload, ref uint maskingKey)
    {
        var isAscii = Transform(payload, maskingKey);
        maskingKey = Turn(maskingKey, payload.Length);
        return isAscii;
    }

    /// <summary>The definition, byte by byte: what is done with the shortest pieces, and what tests hold the other forms against.</summary>
    public static uint ApplyScalar(Span<byte> payload, uint maskingKey)
    {
        foreach (ref var octet in payload)
        {
            octet ^= (byte)maskingKey;
            maskingKey = Turn(maskingKey, 1);
        }

        return maskingKey;
    }

    /// <summary>Unmasks, in place, bytes that lie in a transport's receive buffer.</summary>
    public static uint Unmask(in ReadOnlySequence<byte> received, uint maskingKey)
    {
        if (received.IsSingleSegment)
            return Apply(Writable(received.FirstSpan), maskingKey);

        foreach (var segment in received)
            maskingKey = Apply(Writable(segment.Span), maskingKey);

        return maskingKey;
    }

    /// <summary>What lies in a transport's receive buffer, so that it can be unmasked there.</summary>
    /// <remarks>
    /// The memory is read-only to applications and writable to us: it is the receive buffer of this connection, which nobody else
    /// reads before the message has been delivered, and each byte of it is unmasked once.
    /// </remarks>
    public static Span<byte> Writable(ReadOnlySpan<byte> received) => MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(received), received.Length);

    /// <returns>Whether the result is ASCII.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Transform(Span<byte> payload, uint maskingKey)
    {
        ref var start = ref MemoryMarshal.GetReference(payload);
        var length = (nuint)payload.Length;

        if (length < (nuint)Vector128<byte>.Count)
            return TransformWords(ref start, length, maskingKey);

        if (length <= 2 * (nuint)Vector128<byte>.Count)
            return TransformTwo128(ref start, length, maskingKey);

        if (!Vector256.IsHardwareAccelerated)
            return TransformMany128(ref start, length, maskingKey);

        if (length <= 2 * (nuint)Vector256<byte>.Count)
            return TransformTwo256(ref start, length, maskingKey);

        return Vector512.IsHardwareAccelerated && length <= 2 * (nuint)Vector512<byte>.Count
            ? TransformTwo512(ref start, length, maskingKey)
            : TransformMany512(ref start, length, maskingKey);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TransformTwo128(ref byte start, nuint length, uint maskingKey)
    {
        var lastOffset = length - (nuint)Vector128<byte>.Count;
        var first = Vector128.LoadUnsafe(ref start) ^ Vector128.Create(KeyAt(0, maskingKey)).AsByte();
        var last = Vector128.LoadUnsafe(ref start, lastOffset) ^ Vector128.Create(KeyAt(lastOffset, maskingKey)).AsByte();
        first.StoreUnsafe(ref start);
        last.StoreUnsafe(ref start, lastOffset);
        return (first | last).ExtractMostSignificantBits() == 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TransformTwo256(ref byte start, nuint length, uint maskingKey)
    {
        var lastOffset = length - (nuint)Vector256<byte>.Count;
        var first = Vector256.LoadUnsafe(ref start) ^ Vector256.Create(KeyAt(0, maskingKey)).AsByte();
        var last = Vector256.LoadUnsafe(ref start, lastOffset) ^ Vector256.Create(KeyAt(lastOffset, maskingKey)).AsByte();
        first.StoreUnsafe(ref start);
        last.StoreUnsafe(ref start, lastOffset);
        return (first | last).ExtractMostSignificantBits() == 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TransformTwo512(ref byte start, nuint length, uint maskingKey)
    {
        var lastOffset = length - (nuint)Vector512<byte>.Count;
        var first = Vector512.LoadUnsafe(ref start) ^ Vector512.Create(KeyAt(0, maskingKey)).AsByte();
        var last = Vector512.LoadUnsafe(ref start, lastOffset) ^ Vector512.Create(KeyAt(lastOffset, maskingKey)).AsByte();
        first.StoreUnsafe(ref start);
        last.StoreUnsafe(ref start, lastOffset);
        return (first | last).ExtractMostSignificantBits() == 0;
    }

    // Two vectors at a time, the first and the last aside. Where there are none of 64 bytes, each is two of 32, and the loop is as good.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TransformMany512(ref byte start, nuint length, uint maskingKey)
    {
        var lastOffset = length - (nuint)Vector512<byte>.Count;
        var first = Vector512.LoadUnsafe(ref start) ^ Vector512.Create(KeyAt(0, maskingKey)).AsByte();
        var last = Vector512.LoadUnsafe(ref start, lastOffset) ^ Vector512.Create(KeyAt(lastOffset, maskingKey)).AsByte();
        var all = first | last;
        var others = all;

        var offset = length < AlignedLength ? (nuint)Vector512<byte>.Count : OffsetOfAligned(ref start);
        var key = Vector512.Create(KeyAt(offset, maskingKey)).AsByte();

        for (; offset + (nuint)Vector512<byte>.Count < lastOffset; offset += 2 * (nuint)Vector512<byte>.Count)
        {
            var one = Vector512.LoadUnsafe(ref start, offset) ^ key;
            var other = Vector512.LoadUnsafe(ref start, offset + (nuint)Vector512<byte>.Count) ^ key;
            one.StoreUnsafe(ref start, offset);
            other.StoreUnsafe(ref start, offset + (nuint)Vector512<byte>.Count);
            all |= one;
            others |= other;
        }

        if (offset < lastOffset)
        {
            var one = Vector512.LoadUnsafe(ref start, offset) ^ key;
            one.StoreUnsafe(ref start, offset);
            all |= one;
        }

        first.StoreUnsafe(ref start);
        last.StoreUnsafe(ref start, lastOffset);
        return (all | others).ExtractMostSignificantBits() == 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TransformMany128(ref byte start, nuint length, uint maskingKey)
    {
        var key = Vector128.Create(KeyAt(0, maskingKey)).AsByte();
        var lastOffset = length - (nuint)Vector128<byte>.Count;
        var last = Vector128.LoadUnsafe(ref start, lastOffset) ^ Vector128.Create(KeyAt(lastOffset, maskingKey)).AsByte();
        var all = last;

        for (nuint offset = 0; offset < lastOffset; offset += (nuint)Vector128<byte>.Count)
        {
            var vector = Vector128.LoadUnsafe(ref start, offset) ^ key;
            vector.StoreUnsafe(ref start, offset);
            all |= vector;
        }

        last.StoreUnsafe(ref start, lastOffset);
        return all.ExtractMostSignificantBits() == 0;
    }

    /// <summary>Less than a vector: two words that may overlap, or up to three bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TransformWords(ref byte start, nuint length, uint maskingKey)
    {
        const ulong HighBits = 0x8080_8080_8080_8080;

        if (length >= sizeof(ulong))
        {
            ref var end = ref Unsafe.AddByteOffset(ref start, length - sizeof(ulong));
            var first = Unsafe.ReadUnaligned<ulong>(ref start) ^ TwiceKeyAt(0, maskingKey);
            var last = Unsafe.ReadUnaligned<ulong>(ref end) ^ TwiceKeyAt(length - sizeof(ulong), maskingKey);
            Unsafe.WriteUnaligned(ref start, first);
            Unsafe.WriteUnaligned(ref end, last);
            return ((first | last) & HighBits) == 0;
        }

        if (length >= sizeof(uint))
        {
            ref var end = ref Unsafe.AddByteOffset(ref start, length - sizeof(uint));
            var first = Unsafe.ReadUnaligned<uint>(ref start) ^ KeyAt(0, maskingKey);
            var last = Unsafe.ReadUnaligned<uint>(ref end) ^ KeyAt(length - sizeof(uint), maskingKey);
            Unsafe.WriteUnaligned(ref start, first);
            Unsafe.WriteUnaligned(ref end, last);
            return ((first | last) & HighBits) == 0;
        }

        return TransformBytes(MemoryMarshal.CreateSpan(ref start, (int)length), maskingKey);
    }

    private static bool TransformBytes(Span<byte> payload, uint maskingKey)
    {
        ApplyScalar(payload, maskingKey);
        return Ascii.IsValid(payload);
    }

    /// <summary>Where the first aligned vector begins that is not the first of all.</summary>
    /// <remarks>The collector may move the payload meanwhile: then the loop is slower, and as right.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe nuint OffsetOfAligned(ref byte start)
        => (nuint)Vector512<byte>.Count - ((nuint)Unsafe.AsPointer(ref start) % (nuint)Vector512<byte>.Count);

    /// <summary>Four bytes of the key as they lie in memory, for the place that is <paramref name="offset"/> bytes on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint KeyAt(nuint offset, uint maskingKey)
    {
        var turned = Turn(maskingKey, (int)offset);
        return BitConverter.IsLittleEndian ? turned : BinaryPrimitives.ReverseEndianness(turned);
    }

    private static ulong TwiceKeyAt(nuint offset, uint maskingKey) => KeyAt(offset, maskingKey) * 0x1_0000_0001UL;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Turn(uint maskingKey, int count) => BitOperations.RotateRight(maskingKey, 8 * count);
}
