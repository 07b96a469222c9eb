using System.Buffers;

namespace RawWs.Compression;

/// <summary>Compresses the messages for one client (RFC 7692 §7.2.1). With context takeover it keeps its state, else it borrows one for each.</summary>
/// <remarks>With context takeover, messages must be sent in the order in which they were compressed, each of them.</remarks>
internal sealed class MessageDeflater(DeflateStates states, DeflateParameters parameters) : IDisposable
{
    /// <summary>What a flush ends in, and what §7.2.1 has removed: 00 00 FF FF.</summary>
    private const int TailLength = 4;

    private Deflater? _deflater;

    /// <summary>Whether a message refers to those before it, so that it can't be left out once it is compressed.</summary>
    public bool HasContextTakeover => !parameters.ServerNoContextTakeover;

    /// <summary>What one keeps between messages, in bytes.</summary>
    public static long KeptBy(DeflateParameters parameters) => parameters.ServerNoContextTakeover ? 0 : Deflater.CostOf(parameters.ServerMaxWindowBits);

    /// <summary>Compresses a message.</summary>
    /// <returns>
    /// A rented array that holds it, to be returned to the shared pool, and its length; null if it is to be sent as it is, because there is no memory or
    /// because it would not become smaller.
    /// </returns>
    public (byte[] Rented, int Length)? TryCompress(in ReadOnlySequence<byte> message)
    {
        var length = (int)message.Length;
        if (length == 0)
            return null;

        var deflater = _deflater ?? states.RentDeflater(parameters.ServerMaxWindowBits);
        if (deflater is null)
            return null;

        // Until the state is put back, it counts as one that has failed in the middle.
        _deflater = null;
        var rented = RentFor(length);
        try
        {
            var compressed = Compress(deflater, message, rented!) - TailLength;
            PutBack(ref deflater);

            // Only a window that is forgotten anyway may miss what the peer does not get to see.
            if (HasContextTakeover || compressed < length)
                return (Take(ref rented), compressed);

            return null;
        }
        finally
        {
            deflater?.Dispose();
            if (rented is not null)
                ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _deflater?.Dispose();
        _deflater = null;
    }

    private int Compress(Deflater deflater, in ReadOnlySequence<byte> message, byte[] output)
    {
        if (message.IsSingleSegment)
            return deflater.Compress(message.FirstSpan, output, forget: !HasContextTakeover);

        var length = (int)message.Length;
        var whole = ArrayPool<byte>.Shared.Rent(length);
        message.CopyTo(whole);
        try
        {
            return deflater.Compress(whole.AsSpan(0, length), output, forget: !HasContextTakeover);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    private void PutBack(ref Deflater? deflater)
    {
        if (HasContextTakeover)
            _deflater = deflater;
        else
            states.Return(deflater!); // Called with the state that has just been used.

        deflater = null;
    }

    private static byte[]? RentFor(int length) => ArrayPool<byte>.Shared.Rent(Deflater.BoundOf(length));

    private static byte[] Take(ref byte[]? rented)
    {
        var taken = rented!; // Called once, with what was rented.
        rented = null;
        return taken;
    }
}
