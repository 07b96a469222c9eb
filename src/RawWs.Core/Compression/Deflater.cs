namespace RawWs.Compression;

/// <summary>Compresses, with a window that lasts as long as the state does unless a flush forgets it.</summary>
internal sealed class Deflater : ZlibState
{
    /// <summary>The smallest window that zlib compresses to; the RFC has 8 as well.</summary>
    public const int MinWindowBits = 9;

    private const int MemLevel = 8;

    private InteropZlib.ZStream _stream;

    public Deflater(int level, int windowBits)
        : base(windowBits, CostOf(windowBits))
    {
        var result = InteropZlib.DeflateInit(ref _stream, level, InteropZlib.Deflated, -windowBits, MemLevel, InteropZlib.DefaultStrategy);
        if (result != InteropZlib.Ok)
            throw new InvalidOperationException($"zlib could not make a state for compression: {result}.");

        Own(_stream.InternalState);
    }

    /// <summary>What one costs, in bytes, as zlib's manual reckons it.</summary>
    public static long CostOf(int windowBits) => (1L << (windowBits + 2)) + (1L << (MemLevel + 9));

    /// <summary>Compresses <paramref name="input"/> and ends it at a byte boundary, with the four bytes 00 00 FF FF.</summary>
    /// <param name="input">A whole message, not empty.</param>
    /// <param name="output">Room for more than it can become: see <see cref="BoundOf"/>.</param>
    /// <param name="forget">Whether nothing that comes after may refer to it.</param>
    /// <returns>The length of what was written.</returns>
    public int Compress(ReadOnlySpan<byte> input, Span<byte> output, bool forget)
    {
        var flush = forget ? InteropZlib.FullFlush : InteropZlib.SyncFlush;
        var result = InteropZlib.Run(inflate: false, ref _stream, input, output, flush, out var consumed, out var written);

        // zlib's manual: the flush is complete when a call leaves room in the output.
        return result == InteropZlib.Ok && consumed == input.Length && written < output.Length
            ? written
            : throw new InvalidOperationException($"zlib could not compress: {result}, {consumed} of {input.Length} bytes into {written} of {output.Length}.");
    }

    /// <summary>Nothing that comes after may refer to what came before: a full flush, whose own bytes are of no use to anybody.</summary>
    public void Forget()
    {
        Span<byte> block = stackalloc byte[64];
        var result = InteropZlib.Run(inflate: false, ref _stream, [], block, InteropZlib.FullFlush, out _, out var written);
        if (result is not InteropZlib.Ok || written == block.Length)
            throw new InvalidOperationException($"zlib could not forget its window: {result}, {written} bytes.");
    }

    /// <summary>More bytes than a message of this length can become, the end of the flush included.</summary>
    public static int BoundOf(int length) => checked(length + (length >> 3) + 128);

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        SetHandle(IntPtr.Zero);
        return InteropZlib.DeflateEnd(ref _stream) is InteropZlib.Ok or InteropZlib.DataError;
    }
}
