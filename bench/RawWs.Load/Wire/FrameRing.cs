using System.Buffers.Binary;
using System.Globalization;

namespace RawWs.Load;

/// <summary>
/// Messages that are sent over and over, no two alike, and the bytes of a server that sends them back. Made before a run and shared by all connections:
/// during it nothing is masked or built, and an echo is checked by comparing it with bytes that lie there.
/// </summary>
internal sealed class FrameRing
{
    /// <summary>The first characters of each payload are its number.</summary>
    public const int NumberLength = 8;

    /// <summary>Bytes of frames: small enough to stay in a processor's cache, so that comparing costs little.</summary>
    private const int UsualSize = 64 * 1024;

    /// <param name="payloadSize">Bytes of each payload, from 1.</param>
    /// <param name="burst">How many frames one call may send: <see cref="Frames"/> repeats so many at its end.</param>
    /// <param name="minCount">At least so many different messages.</param>
    /// <param name="isText">Text, all ASCII, or binary with the same payloads.</param>
    public FrameRing(int payloadSize, int burst = 1, int minCount = 2, bool isText = false)
    {
        PayloadSize = payloadSize;
        // More than are under way: a message that takes the place of another is then never like it.
        Count = Math.Max(Math.Max(minCount, burst + 1), UsualSize / (payloadSize + ClientFrames.MaxHeaderLength));

        var opcode = isText ? ClientFrames.Text : ClientFrames.Binary;
        var payload = new byte[payloadSize];
        var reply = ReplyHeader(opcode, payloadSize);
        ReplyHeaderLength = reply.Length;
        ReplyLength = reply.Length + payloadSize;
        FrameLength = ClientFrames.Of(opcode, payload).Length;
        Frames = new byte[(Count + burst - 1) * FrameLength];
        Replies = new byte[Count * ReplyLength];

        var scratch = new byte[payloadSize + ClientFrames.MaxHeaderLength];
        for (var place = 0; place < Count + burst - 1; place++)
        {
            Fill(payload, place % Count);
            ClientFrames.Write(scratch, opcode, payload);
            scratch.AsSpan(0, FrameLength).CopyTo(Frames.AsSpan(place * FrameLength));
            if (place < Count)
            {
                reply.CopyTo(Replies.AsSpan(place * ReplyLength));
                payload.CopyTo(Replies.AsSpan((place * ReplyLength) + reply.Length));
            }
        }
    }

    public int PayloadSize { get; }

    /// <summary>How many different messages there are.</summary>
    public int Count { get; }

    /// <summary>Bytes of a masked frame.</summary>
    public int FrameLength { get; }

    /// <summary>Bytes of a frame that comes back.</summary>
    public int ReplyLength { get; }

    public int ReplyHeaderLength { get; }

    /// <summary>The masked frames, one after the other, and then the first ones again.</summary>
    public byte[] Frames { get; }

    /// <summary>What a server sends that echoes each message as one frame.</summary>
    public byte[] Replies { get; }

    /// <summary>Which message a payload belongs to, by its first characters alone.</summary>
    /// <returns>Whether it may be one of these.</returns>
    public bool TryReadNumber(ReadOnlySpan<byte> payload, out int number)
    {
        number = -1;
        return payload.Length >= NumberLength
            && int.TryParse(payload[..NumberLength], NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number < Count;
    }

    private static void Fill(Span<byte> payload, int number)
    {
        const int Printable = 95;
        for (var index = 0; index < payload.Length; index++)
            payload[index] = (byte)(' ' + ((number + index) % Printable));

        Span<byte> digits = stackalloc byte[NumberLength];
        number.TryFormat(digits, out _, "D8", CultureInfo.InvariantCulture);
        var shown = Math.Min(NumberLength, payload.Length);
        digits[^shown..].CopyTo(payload);
    }

    private static byte[] ReplyHeader(byte opcode, int payloadSize)
    {
        Span<byte> header = stackalloc byte[10];
        header[0] = (byte)(0x80 | opcode);
        switch (payloadSize)
        {
            case < 126:
                header[1] = (byte)payloadSize;
                return header[..2].ToArray();
            case <= ushort.MaxValue:
                header[1] = 126;
                BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)payloadSize);
                return header[..4].ToArray();
            default:
                header[1] = 127;
                BinaryPrimitives.WriteUInt64BigEndian(header[2..], (ulong)payloadSize);
                return header.ToArray();
        }
    }
}
