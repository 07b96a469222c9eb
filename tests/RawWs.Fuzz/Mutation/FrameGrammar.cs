using System.Text;

namespace RawWs.Fuzz;

/// <summary>What a client sends after the opening handshake: messages in fragments with control frames between them, and what goes wrong there.</summary>
internal sealed class FrameGrammar : InputGrammar
{
    private const int Fin = 0x80, Continuation = 0, Text = 1, Binary = 2, Close = 8, Ping = 9, Pong = 10;

    private static readonly int[] CloseCodes =
        [0, 1, 999, 1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1011, 1012, 1014, 1015, 1016, 2999, 3000, 4000, 4999, 5000, 0xFFFF];

    // Each length of UTF-8, the ends of each range, and what only looks like a character.
    private static readonly byte[][] Characters =
    [
        .. new[] { "\0", "a", "\u007F", "\u0080", "é", "\u07FF", "\u0800", "€", "\uD7FF", "\uE000", "\uFFFD", "\U00010000", "😀", "\U0010FFFF" }.Select(Encoding.UTF8.GetBytes),
    ];

    private static readonly byte[][] NoCharacters =
    [
        [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xE0, 0x80, 0x80], [0xE0, 0x9F], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF], [0xE2, 0x82],
        [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F], [0xF0, 0x9F, 0x98], [0xF4, 0x90, 0x80, 0x80], [0xF5], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF],
    ];

    private static readonly ulong[] Lengths =
        [0, 1, 125, 126, 127, 0xFFFF, 0x1_0000, 1 << 20, (1 << 20) + 1, int.MaxValue, 1UL << 31, 1UL << 40, long.MaxValue, 1UL << 63, ulong.MaxValue];

    /// <inheritdoc/>
    public override byte[] Generate(SplitMix64 random)
    {
        var frames = new List<ClientFrame>();
        for (var count = random.Between(1, 5); count > 0; count--)
        {
            if (random.OneIn(4))
                frames.Add(MakeControl(random));
            else
                AddMessage(frames, random);
        }

        if (random.OneIn(3))
            frames.Add(MakeClose(random));

        return ToBytes(frames, []);
    }

    /// <inheritdoc/>
    public override byte[] Mutate(byte[] input, SplitMix64 random)
    {
        var frames = ClientFrame.ReadAll(input, out var tail);
        if (frames.Count == 0)
            return [.. Generate(random), .. input];

        var at = random.Below(frames.Count);
        switch (random.Below(8))
        {
            case 0: frames.RemoveAt(at); break;
            case 1: frames.Insert(at, frames[random.Below(frames.Count)]); break;
            case 2: frames.Insert(at, random.OneIn(2) ? MakeControl(random) : MakeClose(random)); break;
            case 3: Split(frames, at, random); break;
            case 4: frames[at] = frames[at] with { Payload = MutatePayload(frames[at], random) }; break;
            case 5: frames[at] = WithTrueLength(frames[at] with { Payload = MutatePayload(frames[at], random) }); break;
            default: frames[at] = MutateHeader(frames[at], random); break;
        }

        return ToBytes(frames, tail);
    }

    private static void AddMessage(List<ClientFrame> frames, SplitMix64 random)
    {
        var isText = random.OneIn(2);
        var payload = isText ? MakeText(random) : random.Bytes(MakeLength(random));
        var opcode = isText ? Text : Binary;

        for (var fragments = random.OneIn(2) ? 0 : random.Between(1, 5); fragments > 0; fragments--)
        {
            // Cut without regard for characters.
            var length = random.Below(payload.Length + 1);
            frames.Add(ClientFrame.Of(opcode, payload[..length], MakeKey(random)));
            (payload, opcode) = (payload[length..], Continuation);

            if (random.OneIn(4))
                frames.Add(MakeControl(random));
        }

        frames.Add(ClientFrame.Of(Fin | opcode, payload, MakeKey(random)));
    }

    private static ClientFrame MakeControl(SplitMix64 random)
        => ClientFrame.Of(Fin | (random.OneIn(2) ? Ping : Pong), random.Bytes(random.OneIn(8) ? 125 : random.Below(8)), MakeKey(random));

    private static ClientFrame MakeClose(SplitMix64 random)
    {
        var code = random.Of<int>(CloseCodes);
        var payload = random.OneIn(6) ? random.Bytes(random.Below(2)) : [(byte)(code >> 8), (byte)code, .. MakeText(random)];
        return ClientFrame.Of(Fin | Close, payload[..Math.Min(payload.Length, 125)], MakeKey(random));
    }

    private static byte[] MakeText(SplitMix64 random)
    {
        var text = new List<byte>();
        for (var count = random.OneIn(8) ? random.Between(20, 120) : random.Below(8); count > 0; count--)
            text.AddRange(random.Of<byte[]>(random.OneIn(60) ? NoCharacters : Characters));

        return [.. text];
    }

    private static int MakeLength(SplitMix64 random) => random.Below(12) switch
    {
        0 => random.Between(124, 128),
        1 => random.Between(200, 600),
        _ => random.Below(20),
    };

    private static byte[] MakeKey(SplitMix64 random) => random.OneIn(8) ? [0, 0, 0, 0] : random.Bytes(4);

    private static byte[] MutatePayload(ClientFrame frame, SplitMix64 random)
    {
        if (random.OneIn(3))
        {
            var at = random.Below(frame.Payload.Length + 1);
            return [.. frame.Payload[..at], .. random.Of<byte[]>(random.OneIn(2) ? NoCharacters : Characters), .. frame.Payload[at..]];
        }

        return ByteMutator.Mutate(frame.Payload, random, MakeText);
    }

    private static ClientFrame MutateHeader(ClientFrame frame, SplitMix64 random) => random.Below(8) switch
    {
        0 => frame with { First = (byte)(frame.First ^ Fin) },
        1 => frame with { First = (byte)(frame.First ^ (0x10 << random.Below(3))) },
        2 => frame with { First = (byte)((frame.First & 0xF0) | random.Below(16)) },
        3 => frame with { Key = frame.Key is null ? MakeKey(random) : null },
        4 => frame with { LengthSize = random.Of<int>([0, 2, 8]) },
        5 => frame with { LengthSize = random.Of<int>([2, 8]), Announced = random.Of<ulong>(Lengths) },
        6 => frame with { Announced = frame.Announced + (ulong)random.Between(-2, 2) },
        _ => frame with { First = (byte)random.Next() },
    };

    private static void Split(List<ClientFrame> frames, int at, SplitMix64 random)
    {
        var frame = frames[at];
        var length = random.Below(frame.Payload.Length + 1);
        frames[at] = WithTrueLength(frame with { First = (byte)(frame.First & ~Fin), Payload = frame.Payload[..length] });
        frames.Insert(at + 1, WithTrueLength(frame with { First = (byte)(frame.First & 0xF0), Payload = frame.Payload[length..] }));
    }

    private static ClientFrame WithTrueLength(ClientFrame frame) => ClientFrame.Of(frame.First, frame.Payload, frame.Key);

    private static byte[] ToBytes(List<ClientFrame> frames, byte[] tail) => [.. frames.SelectMany(frame => frame.ToBytes()), .. tail];
}
