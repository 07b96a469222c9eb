using System.Buffers;
using RawWs.Protocol;

namespace RawWs.Compression;

/// <summary>Decompresses the messages of one client (RFC 7692 §7.2.2). With context takeover it keeps its state, else it has one only inside a message.</summary>
internal sealed class MessageInflater(DeflateStates states, DeflateParameters parameters) : IPayloadDecoder, IDisposable
{
    /// <summary>A message that grew by more than this factor, and to more than this size, is noted: text does not, bombs do.</summary>
    private const int AlarmingRatio = 100, AlarmingSize = 64 * 1024;

    private Inflater? _inflater;
    private long _compressedLength;
    private long _length;
    private bool _isAlarming;
    private int _tailLeft;

    /// <summary>§7.2.2: "Append 4 octets of 0x00 0x00 0xff 0xff to the tail end of the payload of the message."</summary>
    private static ReadOnlySpan<byte> Tail => [0x00, 0x00, 0xFF, 0xFF];

    /// <summary>What one keeps between messages, in bytes.</summary>
    public static long KeptBy(DeflateParameters parameters) => parameters.ClientNoContextTakeover ? 0 : Inflater.CostOf(parameters.ClientMaxWindowBits);

    /// <inheritdoc/>
    public void Begin()
    {
        _inflater ??= states.RentInflater(parameters.ClientMaxWindowBits)
            ?? throw new ProtocolViolationException(CloseCode.TryAgainLater, "there is no memory to decompress the message");
        _tailLeft = Tail.Length;
        (_compressedLength, _length, _isAlarming) = (0, 0, false);
    }

    /// <inheritdoc/>
    public bool Decode(ref ReadOnlySequence<byte> input, bool isLast, Span<byte> output, out int written)
    {
        written = 0;
        var used = 0L;

        // Not slice by slice: a sequence may begin with an empty segment, which a slice at 0 would keep for ever.
        foreach (var segment in input)
        {
            var piece = segment.Span;
            while (!piece.IsEmpty)
            {
                var isProgress = Step(piece, output, ref written, out var consumed);
                piece = piece[consumed..];
                used += consumed;

                if (written == output.Length)
                {
                    input = input.Slice(used);
                    return false;
                }

                // There is input, and there is room, and yet nothing moves: no data that a compressor makes is like that.
                if (!isProgress)
                    throw Stuck();
            }
        }

        input = input.Slice(input.End);

        // Asked without input too: zlib may have taken in all of it before, and then have had no room for what came out.
        if (used == 0)
            Step([], output, ref written, out _);

        if (written == output.Length)
            return false;

        return !isLast || DecodeTail(output, ref written);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _inflater?.Dispose();
        _inflater = null;
    }

    private bool DecodeTail(Span<byte> output, ref int written)
    {
        while (_tailLeft > 0)
        {
            var isProgress = Step(Tail[^_tailLeft..], output, ref written, out var consumed);
            _tailLeft -= consumed;

            if (written == output.Length)
                return false;

            if (!isProgress)
                throw Stuck();
        }

        // With the tail consumed, output may still be pending inside zlib: it is not if a call leaves room.
        Step([], output, ref written, out _);
        if (written == output.Length)
            return false;

        EndMessage();
        return true;
    }

    private bool Step(ReadOnlySpan<byte> input, Span<byte> output, ref int written, out int consumed)
    {
        _inflater!.Decompress(input, output[written..], out consumed, out var count); // Begin has made it.
        written += count;
        _compressedLength += consumed;
        _length += count;

        // Once for a message, as soon as it shows, whether or not the message then ends within its limit.
        if (!_isAlarming && _length > AlarmingSize && _length > AlarmingRatio * _compressedLength)
        {
            _isAlarming = true;
            states.RaiseRatioAlarm();
        }

        return consumed > 0 || count > 0;
    }

    private void EndMessage()
    {
        // Without the tail, which never came over the wire.
        states.NoteInflated(_compressedLength - Tail.Length, _length);
        if (!parameters.ClientNoContextTakeover)
            return;

        states.Return(_inflater!);
        _inflater = null;
    }

    private static ProtocolViolationException Stuck() => new(CloseCode.InvalidPayloadData, "the message is not valid DEFLATE data");
}
