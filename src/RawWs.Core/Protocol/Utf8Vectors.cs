using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace RawWs.Protocol;

/// <summary>
/// Checks every byte of a text against the three before it, a vector at a time and without a branch, whatever the language: the method of John Keiser and
/// Daniel Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte" (2021).
/// </summary>
/// <remarks>
/// <para>
/// What two neighbours can do wrong shows in the high and the low half of the first byte and in the high half of the second. Each of the three has a table
/// of what it does not rule out, one bit for each mistake; what none of the three rules out has been made.
/// </para>
/// <para>
/// That a byte must be the third or the fourth of its character shows two or three bytes before it. Then, and only then, two continuation bytes in a row are
/// no mistake.
/// </para>
/// </remarks>
internal static class Utf8Vectors
{
    /// <summary>How many bytes are looked at before the one that is checked: a character has at most four.</summary>
    public const int Before = 3;

    /// <summary>A shorter text does not fill a vector.</summary>
    public const int MinLength = Before + 16;

    // A lead byte without its continuation, a continuation without its lead byte, and what RFC 3629 §4 excludes. No pair of bytes can be both too large in
    // the second way and overlong, so that these share a bit.
    private const byte TooShort = 1 << 0, TooLong = 1 << 1, Overlong3 = 1 << 2, TooLarge = 1 << 3, Surrogate = 1 << 4, Overlong2 = 1 << 5;
    private const byte TooLargeOrOverlong4 = 1 << 6;

    // The bit must be this one: it is compared with the highest of what is computed from the bytes before.
    private const byte TwoContinuations = 1 << 7;

    private const byte AnyLow = TooShort | TooLong | TwoContinuations, LowAbove4 = AnyLow | TooLarge | TooLargeOrOverlong4;
    private const byte AnyContinuation = TooLong | Overlong2 | TwoContinuations;

    private static Vector128<byte> FirstHigh => Vector128.Create(
        TooLong, TooLong, TooLong, TooLong, TooLong, TooLong, TooLong, TooLong,
        TwoContinuations, TwoContinuations, TwoContinuations, TwoContinuations,
        (byte)(TooShort | Overlong2), TooShort, (byte)(TooShort | Overlong3 | Surrogate), (byte)(TooShort | TooLarge | TooLargeOrOverlong4));

    private static Vector128<byte> FirstLow => Vector128.Create(
        (byte)(AnyLow | Overlong2 | Overlong3 | TooLargeOrOverlong4), (byte)(AnyLow | Overlong2), AnyLow, AnyLow,
        (byte)(AnyLow | TooLarge), LowAbove4, LowAbove4, LowAbove4,
        LowAbove4, LowAbove4, LowAbove4, LowAbove4,
        LowAbove4, (byte)(LowAbove4 | Surrogate), LowAbove4, LowAbove4);

    private static Vector128<byte> SecondHigh => Vector128.Create(
        TooShort, TooShort, TooShort, TooShort, TooShort, TooShort, TooShort, TooShort,
        (byte)(AnyContinuation | Overlong3 | TooLargeOrOverlong4), (byte)(AnyContinuation | Overlong3 | TooLarge),
        (byte)(AnyContinuation | Surrogate | TooLarge), (byte)(AnyContinuation | Surrogate | TooLarge),
        TooShort, TooShort, TooShort, TooShort);

    /// <summary>Checks all of <paramref name="text"/> but its first <see cref="Before"/> bytes, which count as checked.</summary>
    /// <param name="text">At least <see cref="MinLength"/> bytes, which may begin and end inside a character.</param>
    /// <returns>
    /// Whether nothing contradicts what is before it. The last byte may still be one that no text has, and a character may be incomplete.
    /// </returns>
    public static bool IsValid(ReadOnlySpan<byte> text)
        // Vectors of 64 bytes have been no faster, and are wider than most texts.
        => Vector256.IsHardwareAccelerated && text.Length >= Before + Vector256<byte>.Count
            ? IsValid256(text, Vector256.Create(FirstHigh, FirstHigh), Vector256.Create(FirstLow, FirstLow), Vector256.Create(SecondHigh, SecondHigh))
            : IsValid128(text, FirstHigh, FirstLow, SecondHigh);

    // The tables are arguments, so that they stay in registers: constants are loaded again for each vector.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsValid256(ReadOnlySpan<byte> text, Vector256<byte> firstHigh, Vector256<byte> firstLow, Vector256<byte> secondHigh)
    {
        var mistakes = Vector256<byte>.Zero;
        var last = text.Length - Before - Vector256<byte>.Count;
        for (var start = 0; start < last; start += Vector256<byte>.Count)
            mistakes |= MistakesIn(text.Slice(start, Before + Vector256<byte>.Count));

        return (mistakes | MistakesIn(text.Slice(last, Before + Vector256<byte>.Count))) == Vector256<byte>.Zero;

        Vector256<byte> MistakesIn(ReadOnlySpan<byte> window)
        {
            var (threeBefore, twoBefore, first, second) =
                (Vector256.Create(window), Vector256.Create(window[1..]), Vector256.Create(window[2..]), Vector256.Create(window[Before..]));
            var ofPairs = Look(firstHigh, first >>> 4) & Look(firstLow, first & Vector256.Create((byte)0x0F)) & Look(secondHigh, second >>> 4);

            // Only a lead byte of three or four has its highest bit still set.
            var mustContinue = Vector256.SubtractSaturate(twoBefore, Vector256.Create((byte)(0xE0 - 0x80)))
                | Vector256.SubtractSaturate(threeBefore, Vector256.Create((byte)(0xF0 - 0x80)));
            return ofPairs ^ (mustContinue & Vector256.Create(TwoContinuations));
        }

        // Both halves of the table are the same, so that a processor which looks into the own half only may do so.
        static Vector256<byte> Look(Vector256<byte> table, Vector256<byte> index)
            => Avx2.IsSupported ? Avx2.Shuffle(table, index) : Vector256.ShuffleNative(table, index);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsValid128(ReadOnlySpan<byte> text, Vector128<byte> firstHigh, Vector128<byte> firstLow, Vector128<byte> secondHigh)
    {
        var mistakes = Vector128<byte>.Zero;
        var last = text.Length - Before - Vector128<byte>.Count;
        for (var start = 0; start < last; start += Vector128<byte>.Count)
            mistakes |= MistakesIn(text.Slice(start, Before + Vector128<byte>.Count));

        return (mistakes | MistakesIn(text.Slice(last, Before + Vector128<byte>.Count))) == Vector128<byte>.Zero;

        Vector128<byte> MistakesIn(ReadOnlySpan<byte> window)
        {
            var (threeBefore, twoBefore, first, second) =
                (Vector128.Create(window), Vector128.Create(window[1..]), Vector128.Create(window[2..]), Vector128.Create(window[Before..]));
            var ofPairs = Vector128.ShuffleNative(firstHigh, first >>> 4)
                & Vector128.ShuffleNative(firstLow, first & Vector128.Create((byte)0x0F))
                & Vector128.ShuffleNative(secondHigh, second >>> 4);

            var mustContinue = Vector128.SubtractSaturate(twoBefore, Vector128.Create((byte)(0xE0 - 0x80)))
                | Vector128.SubtractSaturate(threeBefore, Vector128.Create((byte)(0xF0 - 0x80)));
            return ofPairs ^ (mustContinue & Vector128.Create(TwoContinuations));
        }
    }
}
