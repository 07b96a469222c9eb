using System.Buffers;
using RawWs.Compression;
using RawWs.Diagnostics;
using RawWs.Protocol;

namespace RawWs.Connections;

// RFC 7692 §6.1. A compressed message goes out in one frame: some clients mishandle fragmented ones.
internal sealed partial class FrameSender
{
    /// <summary>Sends a message in one frame, compressed if that was agreed on and is worth while.</summary>
    /// <inheritdoc cref="SendAsync(Opcode, in ReadOnlySequence{byte}, bool, CancellationToken, bool)"/>
    public ValueTask SendAsync(Opcode opcode, in ReadOnlySequence<byte> payload, in SendOptions options, CancellationToken cancellationToken)
    {
        if (deflater is null || payload.Length < settings.CompressionThreshold || options.Uncompressed)
            return SendAsync(opcode, payload, isCompressed: false, cancellationToken);

        // Messages that refer to each other are compressed in the order in which they are sent, so only by whoever may send; others before.
        if (deflater.HasContextTakeover)
            return SendInContextAsync(deflater, opcode, payload, cancellationToken);

        return deflater.TryCompress(payload) is { } compressed
            ? SendRentedAsync(opcode, compressed.Rented, compressed.Length, cancellationToken)
            : SendAsync(opcode, payload, isCompressed: false, cancellationToken);
    }

    /// <summary>Sends a message that was received, like any other.</summary>
    /// <inheritdoc cref="SendAsync(Opcode, in ReadOnlySequence{byte}, bool, CancellationToken, bool)" path="/exception"/>
    public ValueTask SendAsync(in WebSocketMessage message, CancellationToken cancellationToken)
    {
        if (deflater is not null)
            return SendAsync(message.Type.ToOpcode(), message.Payload, default(SendOptions), cancellationToken);

        return !cancellationToken.IsCancellationRequested && TryAnswerInTurn(message)
            ? default
            : SendAsync(message.Type.ToOpcode(), message.Payload, isCompressed: false, cancellationToken, message.IsBehindHeader);
    }

    /// <inheritdoc cref="SendAsync(Opcode, in ReadOnlySequence{byte}, in SendOptions, CancellationToken)"/>
    public ValueTask SendAsync(PreparedMessage message, in SendOptions options, CancellationToken cancellationToken)
    {
        // In a context of its own it becomes smaller than prepared without one.
        if (deflater is { HasContextTakeover: true })
            return SendAsync(message.Plain.Opcode, new ReadOnlySequence<byte>(message.Payload), options, cancellationToken);

        var frame = FrameOf(message, options.Uncompressed);
        return SendAsync(frame.Opcode, new ReadOnlySequence<byte>(frame.Payload), frame.IsCompressed, cancellationToken);
    }

    /// <summary>The variant of a message that this connection is sent.</summary>
    private EncodedFrame FrameOf(PreparedMessage message, bool uncompressed)
        => deflater is null || uncompressed || message.Payload.Length < settings.CompressionThreshold ? message.Plain : message.CompressedFor(deflater);

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
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = TakeOutput();
        var outcome = DropReason.Closed;
        var sentLength = payload.Length;
        AddDirect(1, payload.Length);
        try
        {
            if (waiter is not null && !await waiter.WaitAsync(cancellationToken).ConfigureAwait(false))
                throw Closed();

            sentLength = await WriteInContextAsync(context, opcode, payload).ConfigureAwait(false);
            outcome = DropReason.None;
        }
        catch (OperationCanceledException)
        {
            outcome = DropReason.Cancelled;
            throw;
        }
        finally
        {
            AddDirect(0, sentLength - payload.Length);
            SettleDirect(opcode, sentLength, outcome);
        }

        ReleaseOutput();
    }

    /// <returns>The length of what was sent.</returns>
    private async ValueTask<long> WriteInContextAsync(MessageDeflater context, Opcode opcode, ReadOnlySequence<byte> payload)
    {
        (byte[] Rented, int Length)? compressed;
        try
        {
            compressed = context.TryCompress(payload);
        }
        catch
        {
            // Nothing was sent, and the state that has seen half of it is gone: the next message begins with a new one.
            ReleaseOutput();
            throw;
        }

        // From here on nothing may fail but the network: a message that was compressed and not sent would leave the peer's window behind ours.
        try
        {
            var message = compressed is { } smaller ? new ReadOnlySequence<byte>(smaller.Rented, 0, smaller.Length) : payload;
            await WriteInPiecesAsync(opcode, fin: true, message, isCompressed: compressed is not null).ConfigureAwait(false);
            return message.Length;
        }
        finally
        {
            if (compressed is { } sent)
                ArrayPool<byte>.Shared.Return(sent.Rented);
        }
    }

    /// <returns>Whose turn comes; null if it is here.</returns>
    private SendWaiter? TakeOutput()
    {
        using (Enter())
        {
            ThrowIfClosed_NeedsLock();
            settings.Metrics.MessagesPublished(1);
            if (_isOutputOwned || _isMessageOpen)
                return Wait_NeedsLock();

            WriteNoted_NeedsLock();
            OwnOutput_NeedsLock();
            return null;
        }
    }
}
