using System.Buffers;

namespace RawWs.Compression;

/// <summary>Compresses the messages for one client (RFC 7692 §7.2.1). With context takeover it keeps its state, else it borrows one for each.</summary>
/// <remarks>With context takeover, messages must be sent in the order in which they were compressed, each of them.</remarks>
internal sealed class MessageDeflater(DeflateStates states, DeflateParameters parameters) : IDisposable
{
    /// <summary>What a flush ends in, and what §7.2.1 has removed: 00 00 FF FF.</summary>
    private const int TailLength = 4;

    private Deflater? _deflater;
    private bool _mustForget;

    /// <summary>The size of the window that was agreed on, as a power of two.</summary>
    public int WindowBits => parameters.ServerMaxWindowBits;

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
        try
        {
            if (_mustForget)
            {
                _mustForget = false;
                deflater.Forget();
            }

            return Compress(ref deflater, message, forget: !HasContextTakeover);
        }
        finally
        {
            deflater?.Dispose();
        }
    }

    /// <summary>
    /// Compresses a message without reference to any other, for all clients whose window is at least as large. Thread-safe: it leaves the state of this
    /// client alone. When this client is sent the result, <see cref="ForgetContext"/> is called.
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="compressed">As <see cref="TryCompress"/> returns it; null if it would not become smaller.</param>
    /// <returns>Whether there is memory for it at the moment.</returns>
    public bool TryCompressAlone(in ReadOnlySequence<byte> message, out (byte[] Rented, int Length)? compressed)
    {
        compressed = null;
        if (message.IsEmpty)
            return true;

        if (states.RentDeflater(WindowBits) is not { } deflater)
            return false;

        var state = (Deflater?)deflater;
        try
        {
            compressed = Compress(ref state, message, forget: true);
            return true;
        }
        finally
        {
            state?.Dispose();
        }
    }

    /// <summary>
    /// The client has been sent something compressed that our window does not have: with context takeover, nothing that follows may refer to what came
    /// before, for the client's distances are other ones.
    /// </summary>
    public void ForgetContext() => _mustForget = HasContextTakeover && _deflater is not null;

    /// <inheritdoc/>
    public void Dispose()
    {
        _deflater?.Dispose();
        _deflater = null;
    }

    // Sets deflater to null once it has been put back in good order.
    private (byte[] Rented, int Length)? Compress(ref Deflater? deflater, in ReadOnlySequence<byte> message, bool forget)
    {
        var length = (int)message.Length;
        var rented = ArrayPool<byte>.Shared.Rent(Deflater.BoundOf(length));
        var isTaken = false;
        try
        {
            var compressed = Compress(deflater!, message, rented, forget) - TailLength; // It comes with a state.
            PutBack(ref deflater, forget);

            // Only a window that is forgotten anyway may miss what the peer does not get to see.
            isTaken = !forget || compressed < length;
            return isTaken ? (rented, compressed) : null;
        }
        finally
        {
            if (!isTaken)
                ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static int Compress(Deflater deflater, in ReadOnlySequence<byte> message, byte[] output, bool forget)
    {
        if (message.IsSingleSegment)
            return deflater.Compress(message.FirstSpan, output, forget);

        var length = (int)message.Length;
        var whole = ArrayPool<byte>.Shared.Rent(length);
        message.CopyTo(whole);
        try
        {
            return deflater.Compress(whole.AsSpan(0, length), output, forget);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    private void PutBack(ref Deflater? deflater, bool forgets)
    {
        if (forgets)
            states.Return(deflater!); // Called with the state that has just been used.
        else
            _deflater = deflater;

        deflater = null;
    }
}
