using System.Buffers.Binary;

namespace RawWs.Load;

/// <summary>Frames as a client sends them, with a masking key that is not a secret.</summary>
internal static class ClientFrames
{
    public const byte Continuation = 0x0, Text = 0x1, Binary = 0x2, Close = 0x8, Ping = 0x9, Pong = 0xA;

    /// <summary>2 fixed bytes, 8 of extended payload length, 4 of masking key.</summary>
    public const int MaxHeaderLength = 14;

    private static readonly byte[] MaskingKey = [0x37, 0xFA, 0x21, 0x3D];

    public static byte[] Of(byte opcode, ReadOnlySpan<byte> payload, bool fin = true)
    {
        var frame = new byte[MaxHeaderLength + payload.Length];
        return frame[..Write(frame, opcode, payload, fin)];
    }

    /// <summary>Writes a frame, and returns its length.</summary>
    public static int Write(Span<byte> frame, byte opcode, ReadOnlySpan<byte> payload, bool fin = true)
    {
        frame[0] = (byte)((fin ? 0x80 : 0) | opcode);
        var keyOffset = 2;
        if (payload.Length < 126)
        {
            frame[1] = (byte)(0x80 | payload.Length);
        }
        else if (payload.Length <= ushort.MaxValue)
        {
            frame[1] = 0x80 | 126;
            BinaryPrimitives.WriteUInt16BigEndian(frame[2..], (ushort)payload.Length);
            keyOffset = 4;
        }
        else
        {
            frame[1] = 0x80 | 127;
            BinaryPrimitives.WriteUInt64BigEndian(frame[2..], (ulong)payload.Length);
            keyOffset = 10;
        }

        MaskingKey.CopyTo(frame[keyOffset..]);
        var masked = frame[(keyOffset + 4)..];
        for (var index = 0; index < payload.Length; index++)
            masked[index] = (byte)(payload[index] ^ MaskingKey[index & 3]);

        return keyOffset + 4 + payload.Length;
    }

    public static byte[] CloseOf(ushort code)
    {
        Span<byte> payload = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(payload, code);
        return Of(Close, payload);
    }

    /// <summary>As many of the same as fit into <paramref name="size"/> bytes.</summary>
    public static byte[] Many(byte[] frame, int size) => [.. Enumerable.Repeat(frame, size / frame.Length).SelectMany(one => one)];
}
