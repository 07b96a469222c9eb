namespace RawWs.Fuzz;

/// <summary>Compressed messages: a byte that says whether they refer to each other, then each behind its length in two bytes.</summary>
internal sealed class DeflateGrammar : InputGrammar
{
    /// <summary>Takes an input apart.</summary>
    public static (byte Setup, List<byte[]> Messages) Read(byte[] input)
    {
        var messages = new List<byte[]>();
        for (var start = 1; start + 2 <= input.Length;)
        {
            var end = Math.Min(start + 2 + (input[start] << 8 | input[start + 1]), input.Length);
            messages.Add(input[(start + 2)..end]);
            start = end;
        }

        return (input.Length > 0 ? input[0] : default, messages);
    }

    /// <inheritdoc/>
    public override byte[] Generate(SplitMix64 random)
    {
        var takeover = random.OneIn(2);
        var payloads = new DeflatePayloads(random.Between(8, 15), takeover);
        var messages = Enumerable.Range(0, random.Between(1, 4)).Select(_ => payloads.Encode(MakeMessage(random), random)).ToList();
        return Write((byte)(takeover ? 0 : 1), messages);
    }

    /// <inheritdoc/>
    public override byte[] Mutate(byte[] input, SplitMix64 random)
    {
        var (setup, messages) = Read(input);
        if (messages.Count == 0)
            return Generate(random);

        var at = random.Below(messages.Count);
        switch (random.Below(5))
        {
            case 0: messages.RemoveAt(at); break;
            case 1: messages.Insert(at, messages[random.Below(messages.Count)]); break;
            case 2: messages[at] = new DeflatePayloads(15, contextTakeover: false).Encode(MakeMessage(random), random); break;
            case 3: setup ^= 1; break;
            default: messages[at] = ByteMutator.Mutate(messages[at], random, MakeMessage); break;
        }

        return Write(setup, messages);
    }

    // Something to refer to, or nothing.
    private static byte[] MakeMessage(SplitMix64 random)
        => random.OneIn(2) ? random.Bytes(random.Below(40)) : [.. Enumerable.Range(0, random.Below(120)).Select(_ => random.Of("abcdefgh"u8))];

    private static byte[] Write(byte setup, List<byte[]> messages)
        => [setup, .. messages.SelectMany(message => (byte[])[(byte)(message.Length >> 8), (byte)message.Length, .. message])];
}
