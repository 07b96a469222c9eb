using System.Buffers.Binary;
using System.Globalization;

namespace RawWs.Load;

/// <summary>
/// Messages that are sent over and over, no two alike, and the bytes of a server that sends them back. Made before a run and shared by all connections:
/// during it nothing is masked or built, and an echo is checked by comparing it with bytes that lie there.
/// </summary>
internal sealed class FrameRing
{
    /// <summary>The first characters of each text are its number.</summary>
    public const int NumberLength = 8;

    /// <summary>Bytes of frames: small enough to stay in a processor's cache, so that comparing costs little.</summary>
    private const int UsualSize = 64 * 1024;

    private readonly int _numberOffset;

    /// <param name="payloadSize">Bytes of each payload, from 1.</param>
    /// <param name="burst">How many frames one call may send: <see cref="Frames"/> repeats so many at its end.</param>
    /// <param name="minCount">At least so many different messages.</param>
    /// <param name="isText">Text, all ASCII, or binary with the same payloads. Not looked at with a form.</param>
    /// <param name="form">What stands around each of them; null for nothing.</param>
    public FrameRing(int payloadSize, int burst = 1, int minCount = 2, bool isText = false, MessageForm? form = null)
    {
        form ??= isText ? MessageForm.Text : MessageForm.Binary;
        var text = new byte[payloadSize];
        PayloadSize = form.Returned(0, text).Length;
        _numberOffset = form.ReturnedTextOffset;
        FrameLength = ClientFrames.Of(form.Opcode, form.Sent(0, text)).Length;

        // More than are under way: a message that takes the place of another is then never like it.
        Count = Math.Max(Math.Max(minCount, burst + 1), UsualSize / (payloadSize + ClientFrames.MaxHeaderLength));

        var header = ReplyHeader(form.Opcode, PayloadSize);
        ReplyHeaderLength = header.Length;
        ReplyLength = header.Length + PayloadSize;
        Frames = new byte[(Count + burst - 1) * FrameLength];
        Replies = new byte[Count * ReplyLength];

        for (var place = 0; place < Count + burst - 1; place++)
        {
            var number = place % Count;
            form.Fill(text, number);
            ClientFrames.Of(form.Opcode, form.Sent(number, text)).CopyTo(Frames.AsSpan(place * FrameLength));
            if (place < Count)
            {
                header.CopyTo(Replies.AsSpan(place * ReplyLength));
                form.Returned(number, text).CopyTo(Replies.AsSpan((place * ReplyLength) + header.Length));
            }
        }
    }

    /// <summary>Bytes of each message that comes back.</summary>
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

    /// <summary>Which message a payload belongs to, by the first characters of its text alone.</summary>
    /// <returns>Whether it may be one of these.</returns>
    public bool TryReadNumber(ReadOnlySpan<byte> payload, out int number)
    {
        number = -1;
        return payload.Length >= _numberOffset + NumberLength
            && int.TryParse(payload.Slice(_numberOffset, NumberLength), NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number < Count;
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
