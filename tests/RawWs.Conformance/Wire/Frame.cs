using System.Buffers.Binary;
using System.Text;

namespace RawWs.Conformance;

/// <summary>A frame to be sent, legal or not: every field can be set against the rules.</summary>
internal sealed record Frame(Opcode Opcode, ReadOnlyMemory<byte> Payload)
{
    /// <summary>RSV1, the bit that permessage-deflate uses.</summary>
    public const int Rsv1 = 4;

    public bool Fin { get; init; } = true;

    /// <summary>RSV1 is 4, RSV2 is 2, RSV3 is 1.</summary>
    public int Rsv { get; init; }

    /// <summary><see langword="null"/> means a random one.</summary>
    public uint? MaskingKey { get; init; }

    public bool Masked { get; init; } = true;

    public LengthForm LengthForm { get; init; }

    /// <summary>What the header says, when that is not the length of <see cref="Payload"/>.</summary>
    public ulong? AnnouncedLength { get; init; }

    public static Frame Text(ReadOnlyMemory<byte> payload) => new(Opcode.Text, payload);

    public static Frame Text(string text) => new(Opcode.Text, Encoding.UTF8.GetBytes(text));

    public static Frame Binary(ReadOnlyMemory<byte> payload) => new(Opcode.Binary, payload);

    public static Frame Continuation(ReadOnlyMemory<byte> payload) => new(Opcode.Continuation, payload);

    public static Frame Continuation(string text) => new(Opcode.Continuation, Encoding.UTF8.GetBytes(text));

    public static Frame Ping(ReadOnlyMemory<byte> payload) => new(Opcode.Ping, payload);

    public static Frame Ping(string text) => new(Opcode.Ping, Encoding.UTF8.GetBytes(text));

    public static Frame Pong(ReadOnlyMemory<byte> payload) => new(Opcode.Pong, payload);

    public static Frame Pong(string text) => new(Opcode.Pong, Encoding.UTF8.GetBytes(text));

    public static Frame Close(ReadOnlyMemory<byte> body) => new(Opcode.Close, body);

    public static Frame Close(int code, string reason = "") => Close(CloseBody(code, Encoding.UTF8.GetBytes(reason)));

    public static byte[] CloseBody(int code, ReadOnlySpan<byte> reason) => [(byte)(code >> 8), (byte)code, .. reason];

    /// <summary>Cuts a message into frames of at most <paramref name="size"/> bytes; the first carries opcode and RSV bits.</summary>
    public static Frame[] Fragments(Opcode opcode, ReadOnlyMemory<byte> payload, int size, int rsv = 0)
    {
        var frames = new List<Frame>();
        for (var offset = 0; offset == 0 || offset < payload.Length; offset += size)
        {
            var part = payload.Slice(offset, Math.Min(size, payload.Length - offset));
            frames.Add(new Frame(offset == 0 ? opcode : Opcode.Continuation, part)
            {
                Fin = offset + size >= payload.Length,
                Rsv = offset == 0 ? rsv : 0,
            });
        }

        return [.. frames];
    }

    public byte[] ToBytes(Random random)
    {
        var length = AnnouncedLength ?? (ulong)Payload.Length;
        var form = LengthForm != LengthForm.Minimal ? LengthForm : length switch
        {
            < 126 => LengthForm.SevenBits,
            <= ushort.MaxValue => LengthForm.SixteenBits,
            _ => LengthForm.SixtyFourBits,
        };
        var extended = form switch { LengthForm.SixteenBits => 2, LengthForm.SixtyFourBits => 8, _ => 0 };
        var keyLength = Masked ? 4 : 0;
        var bytes = new byte[2 + extended + keyLength + Payload.Length];

        bytes[0] = (byte)((Fin ? 0x80 : 0) | (Rsv << 4) | (int)Opcode);
        bytes[1] = (byte)(form switch { LengthForm.SixteenBits => 126, LengthForm.SixtyFourBits => 127, _ => (int)length });
        if (extended == 2)
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)length);
        else if (extended == 8)
            BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(2), length);

        var payload = bytes.AsSpan(2 + extended + keyLength);
        Payload.Span.CopyTo(payload);
        if (Masked)
        {
            bytes[1] |= 0x80;
            var key = bytes.AsSpan(2 + extended, 4);
            BinaryPrimitives.WriteUInt32BigEndian(key, MaskingKey ?? (uint)random.NextInt64(1L << 32));
            for (var i = 0; i < payload.Length; i++)
                payload[i] ^= key[i & 3];
        }

        return bytes;
    }

    public override string ToString()
    {
        var rsv = Rsv == 0 ? "" : $" RSV={Rsv:b3}";
        var lie = AnnouncedLength is { } announced ? $" announced={announced}" : "";
        var form = LengthForm == LengthForm.Minimal ? "" : $" length in {LengthForm}";
        return $"{Opcode} FIN={(Fin ? 1 : 0)}{rsv}{(Masked ? "" : " unmasked")} length={Payload.Length}{lie}{form}";
    }
}
