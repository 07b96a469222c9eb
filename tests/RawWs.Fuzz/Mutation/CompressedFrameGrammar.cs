namespace RawWs.Fuzz;

/// <summary>Frames of a client with which permessage-deflate was agreed on, some of them compressed.</summary>
internal sealed class CompressedFrameGrammar : InputGrammar
{
    private const int Fin = 0x80, Rsv1 = 0x40;

    private readonly FrameGrammar _frames = new();

    /// <inheritdoc/>
    public override byte[] Generate(SplitMix64 random)
    {
        var payloads = new DeflatePayloads(random.Between(8, 15), random.OneIn(2));
        var frames = ClientFrame.ReadAll(_frames.Generate(random), out var tail);
        return ToBytes(frames.SelectMany(frame => IsMessage(frame) && !random.OneIn(4) ? Compress(frame, payloads, random) : [frame]), tail);
    }

    /// <inheritdoc/>
    public override byte[] Mutate(byte[] input, SplitMix64 random)
    {
        var frames = ClientFrame.ReadAll(input, out var tail);
        if (frames.Count == 0 || !random.OneIn(4))
            return _frames.Mutate(input, random);

        var at = random.Below(frames.Count);
        var payloads = new DeflatePayloads(random.Between(8, 15), contextTakeover: false);
        List<ClientFrame> compressed = random.OneIn(3) ? [frames[at] with { First = (byte)(frames[at].First ^ Rsv1) }] : [.. Compress(frames[at], payloads, random)];
        return ToBytes([.. frames[..at], .. compressed, .. frames[(at + 1)..]], tail);
    }

    private static bool IsMessage(ClientFrame frame) => frame.First is 0x81 or 0x82;

    // In fragments that are cut without regard for blocks.
    private static IEnumerable<ClientFrame> Compress(ClientFrame frame, DeflatePayloads payloads, SplitMix64 random)
    {
        var payload = payloads.Encode(frame.Payload, random);
        var opcode = Rsv1 | (frame.First & 0x0F);

        while (random.OneIn(3))
        {
            var length = random.Below(payload.Length + 1);
            yield return ClientFrame.Of(opcode, payload[..length], frame.Key);
            (payload, opcode) = (payload[length..], 0);
        }

        yield return ClientFrame.Of(Fin | opcode, payload, frame.Key);
    }

    private static byte[] ToBytes(IEnumerable<ClientFrame> frames, byte[] tail) => [.. frames.SelectMany(frame => frame.ToBytes()), .. tail];
}
