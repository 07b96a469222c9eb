using System.Buffers.Binary;
using System.Text;

namespace RawWs.Testing;

/// <summary>A frame as it is on the wire, legal or not. Written without the server's own codec, so that the two can disagree.</summary>
/// <param name="First">FIN, RSV and opcode.</param>
/// <param name="Payload">The application data.</param>
public sealed record WireFrame(byte First, byte[] Payload)
{
    private static readonly byte[] Key = [0x37, 0xFA, 0x21, 0x3D];

    /// <summary>The opcode.</summary>
    public int Opcode => First & 0xF;

    /// <summary>Whether it is the last of its message.</summary>
    public bool Fin => (First & 0x80) != 0;

    /// <summary>The payload as text.</summary>
    public string Text => Encoding.UTF8.GetString(Payload);

    /// <summary>The close code of a close frame; 1005 if it has none.</summary>
    public int CloseCode => Payload.Length < 2 ? 1005 : BinaryPrimitives.ReadUInt16BigEndian(Payload);

    /// <summary>The reason of a close frame.</summary>
    public string CloseReason => Payload.Length < 2 ? "" : Encoding.UTF8.GetString(Payload.AsSpan(2));

    /// <summary>A masked text frame.</summary>
    public static byte[] MaskedText(string text, bool fin = true) => Masked((byte)((fin ? 0x80 : 0) | 0x1), Encoding.UTF8.GetBytes(text));

    /// <summary>A masked close frame.</summary>
    public static byte[] MaskedClose(int code, string reason = "")
        => Masked(0x88, [(byte)(code >> 8), (byte)code, .. Encoding.UTF8.GetBytes(reason)]);

    /// <summary>A masked frame with these first eight bits.</summary>
    public static byte[] Masked(byte first, params ReadOnlySpan<byte> payload)
    {
        var frame = new List<byte> { first };
        AppendLength(frame, payload.Length, maskBit: 0x80);
        frame.AddRange(Key);
        for (var index = 0; index < payload.Length; index++)
            frame.Add((byte)(payload[index] ^ Key[index % 4]));

        return [.. frame];
    }

    /// <summary>An unmasked frame, which a client must not send.</summary>
    public static byte[] Unmasked(byte first, params ReadOnlySpan<byte> payload)
    {
        var frame = new List<byte> { first };
        AppendLength(frame, payload.Length, maskBit: 0);
        frame.AddRange(payload);
        return [.. frame];
    }

    private static void AppendLength(List<byte> frame, int length, byte maskBit)
    {
        Span<byte> extended = stackalloc byte[8];
        switch (length)
        {
            case < 126:
                frame.Add((byte)(maskBit | length));
                break;

            case <= 0xFFFF:
                frame.Add((byte)(maskBit | 126));
                BinaryPrimitives.WriteUInt16BigEndian(extended, (ushort)length);
                frame.AddRange(extended[..2]);
                break;

            default:
                frame.Add((byte)(maskBit | 127));
                BinaryPrimitives.WriteUInt64BigEndian(extended, (ulong)length);
                frame.AddRange(extended);
                break;
        }
    }
}
