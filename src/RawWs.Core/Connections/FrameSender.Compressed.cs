using System.Buffers;
using RawWs.Compression;
using RawWs.Protocol;

namespace RawWs.Connections;

// RFC 7692 §6.1. A compressed message goes out in one frame: some clients mishandle fragmented ones.
internal sealed partial class FrameSender
{
    /// <summary>Sends a message in one frame, compressed if that was agreed on and is worth while.</summary>
    /// <inheritdoc cref="SendAsync(Opcode, in ReadOnlySequence{byte}, CancellationToken)"/>
    public ValueTask SendAsync(Opcode opcode, in ReadOnlySequence<byte> payload, SendFlags flags, CancellationToken cancellationToken)
    {
        if (deflater is null || payload.Length < compressionThreshold || (flags & SendFlags.Uncompressed) != 0)
            return SendAsync(opcode, payload, cancellationToken);

        // Messages that refer to each other are compressed in the order in which they are sent, so only by whoever may send; others before.
        if (deflater.HasContextTakeover)
            return SendInContextAsync(deflater, opcode, payload, cancellationToken);

        return deflater.TryCompress(payload) is { } compressed
            ? SendRentedAsync(opcode, compressed.Rented, compressed.Length, cancellationToken)
            : SendAsync(opcode, payload, cancellationToken);
    }

    private async ValueTask SendRentedAsync(Opcode opcode, byte[] rented, int length, CancellationToken cancellationToken)
    {
        try
        {
            await SendAsync(opcode, new ReadOnlySequence<byte>(rented, 0, length), isCompressed: true, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private async ValueTask SendInContextAsync(
        MessageDeflater context, Opcode opcode, ReadOnlySequence<byte> payload, CancellationToken cancellationToken)
    {
        await TakeOutputAsync(cancellationToken).ConfigureAwait(false);

        (byte[] Rented, int Length)? compressed;
        try
        {
            compressed = context.TryCompress(payload);
        }
        catch
        {
            // Nothing was sent, and the state that has seen half of it is gone: the next message begins with a new one.
            await ReleaseOutputAsync().ConfigureAwait(false);
            throw;
        }

        // From here on nothing may fail but the network: a message that was compressed and not sent would leave the peer's window behind ours.
        try
        {
            var message = compressed is { } smaller ? new ReadOnlySequence<byte>(smaller.Rented, 0, smaller.Length) : payload;
            await WriteInPiecesAsync(opcode, fin: true, message, isCompressed: compressed is not null).ConfigureAwait(false);
        }
        finally
        {
            if (compressed is { } sent)
                ArrayPool<byte>.Shared.Return(sent.Rented);
        }

        await ReleaseOutputAsync().ConfigureAwait(false);
    }

    /// <summary>Waits for the turn to send a message.</summary>
    private async ValueTask TakeOutputAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        SendWaiter waiter;
        lock (_gate)
        {
            ThrowIfClosed_NeedsLock();
            if (!_isOutputOwned && !_isMessageOpen)
            {
                _isOutputOwned = true;
                return;
            }

            waiter = new SendWaiter();
            (_waiters ??= new()).Enqueue(waiter);
        }

        if (!await waiter.WaitAsync(cancellationToken).ConfigureAwait(false))
            throw Closed();
    }
}
