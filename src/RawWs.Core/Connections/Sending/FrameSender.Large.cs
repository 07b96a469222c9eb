using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.InteropServices;
using RawWs.Diagnostics;
using RawWs.Protocol;

namespace RawWs.Connections;

// Payloads too large to be copied: sent from where they lie, or piece by piece where the output can't do that.
internal sealed partial class FrameSender
{
    /// <summary>Sends a message from where it lies. The caller owns the output.</summary>
    private ValueTask SendFromPlace(Opcode opcode, in ReadOnlySequence<byte> payload, bool isCompressed, bool isBehindHeader)
    {
        ValueTask<FlushResult> flush;
        try
        {
            var behind = payload;
            if (isBehindHeader)
                behind = WithHeaderBefore(opcode, payload);
            else
                WriteHeader(opcode, fin: true, payload.Length, isCompressed);

            if (!TryFlushWith(behind, out flush))
                return FinishAsync(opcode, payload.Length, flush);
        }
        catch (Exception error)
        {
            OnUnreadable(error);
            settings.Metrics.MessagesDropped(DropReason.Closed, 1);
            throw;
        }

        settings.Metrics.MessagesSent(opcode, 1, payload.Length);
        EndFlush();
        return default;
    }

    private async ValueTask WriteInPiecesAsync(Opcode opcode, bool fin, ReadOnlySequence<byte> payload, bool isCompressed)
    {
        try
        {
            if (payload.Length <= MaxInlineSize)
            {
                WriteFrame(opcode, fin, payload, isCompressed);
                await FlushAsync().ConfigureAwait(false);
                return;
            }

            WriteHeader(opcode, fin, payload.Length, isCompressed);
            await SendPayloadAsync(payload).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not WebSocketClosedException)
        {
            OnUnreadable(error);
            throw;
        }
    }

    private ValueTask SendPayloadAsync(in ReadOnlySequence<byte> payload)
    {
        if (_sequences is null)
            return SendInPiecesAsync(payload);

        return TryFlushWith(payload, out var flush) ? default : AwaitFlushAsync(flush);
    }

    private bool TryFlushWith(in ReadOnlySequence<byte> payload, out ValueTask<FlushResult> flush)
        => IsDone(_sequences!.FlushWithAsync(payload), out flush); // Called where there is such an output.

    /// <summary>The payload can't be read: whoever lent it has taken it back too early. Half a frame can't be taken back, and nobody else may wait for its other half.</summary>
    private void OnUnreadable(Exception error) => OnOutputFailed(error);

    private async ValueTask SendInPiecesAsync(ReadOnlySequence<byte> payload)
    {
        while (!payload.IsEmpty)
        {
            var piece = payload.Slice(0, Math.Min(payload.Length, MaxPieceSize));
            payload = payload.Slice(piece.End);
            piece.CopyTo(output.GetSpan((int)piece.Length));
            output.Advance((int)piece.Length);
            await FlushAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Writes the header of a frame over that of the received one. In one piece the system copies them a fifteenth faster than in two. Of the received header nobody needs anything any more, and
    /// whoever else sends the same message meanwhile writes the same.
    /// </summary>
    /// <param name="opcode">That of the received frame.</param>
    /// <param name="payload">What lies behind its header.</param>
    /// <returns>The frame.</returns>
    private static ReadOnlySequence<byte> WithHeaderBefore(Opcode opcode, in ReadOnlySequence<byte> payload)
    {
        MemoryMarshal.TryGetArray(payload.First, out var part);
        var start = part.Offset - FrameHeader.LengthFor(part.Count);
        FrameHeader.Write(part.Array.AsSpan(start), opcode, fin: true, part.Count);
        return new ReadOnlySequence<byte>(part.Array!, start, part.Offset + part.Count - start); // It lies in an array.
    }
}
