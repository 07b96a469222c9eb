using System.Buffers.Binary;

namespace RawWs.Fuzz;

/// <summary>
/// A client's frame, legal or not (RFC 6455 §5.2), read and written in the plainest way and without the code under test.
/// </summary>
/// <param name="First">FIN, RSV and opcode.</param>
/// <param name="Key">The masking key in wire order; null without one.</param>
/// <param name="LengthSize">Bytes of extended payload length: 0, 2 or 8.</param>
/// <param name="Announced">The payload length in the header.</param>
/// <param name="Payload">The payload that follows, unmasked, of whatever length.</param>
internal sealed record ClientFrame(byte First, byte[]? Key, int LengthSize, ulong Announced, byte[] Payload)
{
    /// <summary>A frame whose header tells the truth in the shortest form.</summary>
    public static ClientFrame Of(int first, byte[] payload, byte[]? key)
        => new((byte)first, key, payload.Length switch { <= 125 => 0, <= 0xFFFF => 2, _ => 8 }, (ulong)payload.Length, payload);

    public byte[] ToBytes()
    {
        var extended = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(extended, Announced);

        var shortLength = LengthSize switch { 0 => (int)Announced & 0x7F, 2 => 126, _ => 127 };
        var second = (byte)(shortLength | (Key is null ? 0 : 0x80));
        return [First, second, .. extended[^LengthSize..], .. Key ?? [], .. Mask(Payload, Key)];
    }

    /// <summary>Reads frames as far as there are headers; the last payload may be short.</summary>
    /// <param name="bytes">Any bytes.</param>
    /// <param name="tail">What is left: less than a header.</param>
    public static List<ClientFrame> ReadAll(ReadOnlySpan<byte> bytes, out byte[] tail)
    {
        var frames = new List<ClientFrame>();
        while (TryRead(ref bytes, out var frame))
            frames.Add(frame);

        tail = bytes.ToArray();
        return frames;
    }

    private static bool TryRead(ref ReadOnlySpan<byte> bytes, out ClientFrame frame)
    {
        frame = null!; // Not used where false is returned.
        if (bytes.Length < 2)
            return false;

        var isMasked = bytes[1] >= 0x80;
        var lengthSize = (bytes[1] & 0x7F) switch { 126 => 2, 127 => 8, _ => 0 };
        var headerLength = 2 + lengthSize + (isMasked ? 4 : 0);
        if (bytes.Length < headerLength)
            return false;

        var announced = lengthSize == 0 ? (ulong)(bytes[1] & 0x7F) : 0;
        foreach (var octet in bytes.Slice(2, lengthSize))
            announced = (announced << 8) | octet;

        var key = isMasked ? bytes.Slice(2 + lengthSize, 4).ToArray() : null;
        var payloadLength = (int)Math.Min(announced, (ulong)(bytes.Length - headerLength));
        frame = new ClientFrame(bytes[0], key, lengthSize, announced, Mask(bytes.Slice(headerLength, payloadLength).ToArray(), key));
        bytes = bytes[(headerLength + payloadLength)..];
        return true;
    }

    private static byte[] Mask(byte[] payload, byte[]? key)
        => key is null ? payload : [.. payload.Select((octet, index) => (byte)(octet ^ key[index % 4]))];
}
