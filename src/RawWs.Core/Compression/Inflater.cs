using RawWs.Protocol;

namespace RawWs.Compression;

/// <summary>Decompresses, with a window that lasts until it is reset.</summary>
internal sealed class Inflater : ZlibState
{
    private InteropZlib.ZStream _stream;
    private bool _isAtEnd;

    public Inflater(int windowBits)
        : base(windowBits, CostOf(windowBits))
    {
        var result = InteropZlib.InflateInit(ref _stream, -windowBits);
        if (result != InteropZlib.Ok)
            throw new InvalidOperationException($"zlib could not make a state for decompression: {result}.");

        Own(_stream.InternalState);
    }

    /// <summary>What one costs, in bytes, as zlib's manual reckons it.</summary>
    public static long CostOf(int windowBits) => (1L << windowBits) + (7 * 1024);

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        _isAtEnd = false;
        if (InteropZlib.InflateReset(ref _stream, -WindowBits) != InteropZlib.Ok)
            throw new InvalidOperationException("zlib could not reset a state.");
    }

    /// <summary>Decompresses as much as there is room for.</summary>
    /// <exception cref="ProtocolViolationException">The data is no DEFLATE data (1007).</exception>
    public void Decompress(ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int written)
    {
        // RFC 7692 §7.2.1 allows blocks with BFINAL set, after which zlib takes nothing more: what follows is a new stream to it.
        if (_isAtEnd && !input.IsEmpty)
            Reset();

        var result = InteropZlib.Run(inflate: true, ref _stream, input, output, InteropZlib.SyncFlush, out consumed, out written);
        _isAtEnd = result == InteropZlib.StreamEnd;

        if (result is InteropZlib.Ok or InteropZlib.StreamEnd or InteropZlib.BufferError)
            return;

        if (result == InteropZlib.MemoryError)
            throw new ProtocolViolationException(CloseCode.TryAgainLater, "there is no memory to decompress the message");

        throw new ProtocolViolationException(CloseCode.InvalidPayloadData, "the message is not valid DEFLATE data");
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        SetHandle(IntPtr.Zero);
        return InteropZlib.InflateEnd(ref _stream) == InteropZlib.Ok;
    }
}
