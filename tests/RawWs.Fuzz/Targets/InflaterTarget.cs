using System.Buffers;
using RawWs.Compression;
using RawWs.Protocol;

namespace RawWs.Fuzz;

/// <summary>Compressed messages, one after the other, without the frames around them.</summary>
internal sealed class InflaterTarget : FuzzTarget
{
    // DEFLATE's best: a match of 258 bytes in two bits.
    private const int BestRatio = 1032;

    private static readonly DeflateStates States = new(level: 1, maxMemory: 1 << 30, static () => { });

    public override string Name => "inflater";

    public override string Description => "MessageInflater: one result whatever the pieces and the room, progress at every call, and that of an inflater without zlib";

    public override IReadOnlyList<string> CorpusFolders => ["deflate"];

    public override InputGrammar Grammar { get; } = new DeflateGrammar();

    public override int MaxInputLength => 1024;

    public override long AllocationBudget => 64 << 20;

    public override ulong Run(byte[] input)
    {
        var random = new SplitMix64(Behaviour.Of(input));
        var (setup, messages) = DeflateGrammar.Read(input);
        var takeover = (setup & 1) == 0;
        var parameters = new DeflateParameters(true, !takeover, 15, ClientMaxWindowBits: 15);

        var whole = Inflate(parameters, messages, pieceLength: int.MaxValue, room: 1 << 16);
        var chopped = Inflate(parameters, messages, random.Between(1, 7), random.Of<int>([1, 2, 3, 17, 300]));
        CheckEqual(whole, chopped, "the pieces changed what was decompressed");

        var plain = new Conformance.Inflater(windowBits: 15, takeover);
        for (var index = 0; index < messages.Count; index++)
        {
            // What is not even DEFLATE data to a plain reader: zlib may see the same later, or be satisfied with a message that breaks off.
            if (PlainInflation.Inflate(plain, messages[index]) is not { } expected)
                break;

            // RFC 7692 does not say whether the window outlives a block with BFINAL. Whoever has zlib write one has none left either. And codes that do not
            // use all bits, or announce more lengths than there are, are refused by zlib only.
            if (whole[index] is null && (plain.HasSeenFinalBlock || plain.HasSeenDynamicBlock))
                break;

            FindingException.ThrowUnless(whole[index] is not null, "it refuses what a plain inflater reads");
            FindingException.ThrowUnless(whole[index].AsSpan().SequenceEqual(expected), "it reads something else than a plain inflater");
        }

        var behaviour = new Behaviour();
        foreach (var message in whole.Take(8))
        {
            behaviour.AddLength(message?.Length ?? -1);
            behaviour.Add(message is null ? 1 : 2);
        }

        return behaviour.Hash;
    }

    /// <returns>The messages; null, the last, for one that was refused.</returns>
    private static List<byte[]?> Inflate(DeflateParameters parameters, List<byte[]> messages, int pieceLength, int room)
    {
        using var inflater = new MessageInflater(States, parameters);
        var results = new List<byte[]?>();

        try
        {
            foreach (var message in messages)
                results.Add(Inflate(inflater, message, pieceLength, room));
        }
        catch (ProtocolViolationException violation)
        {
            FindingException.ThrowUnless(violation.Code is CloseCode.InvalidPayloadData, $"it fails with another code than 1007: {violation.Code}");
            results.Add(null);
        }

        return results;
    }

    private static byte[] Inflate(MessageInflater inflater, byte[] message, int pieceLength, int room)
    {
        var result = new List<byte>();
        var output = new byte[room];
        var most = (long)BestRatio * (message.Length + 4);
        inflater.Begin();

        for (var start = 0; ; start += pieceLength)
        {
            var end = (int)Math.Min(message.Length, (long)start + pieceLength);
            var input = InSegments(message[start..end]);
            var isDone = false;

            while (!isDone)
            {
                var before = input.Length;
                isDone = inflater.Decode(ref input, isLast: end == message.Length, output, out var written);
                FindingException.ThrowUnless(isDone || written > 0 || input.Length < before, "it makes no progress");
                FindingException.ThrowUnless(!isDone || input.IsEmpty, "it is done before the end of its input");

                result.AddRange(output.AsSpan(0, written));
                FindingException.ThrowUnless(result.Count <= most, "it makes more of its input than DEFLATE can");
            }

            if (end == message.Length)
                return [.. result];

            inflater.Decode(ref input, isLast: false, output, out var more);
            FindingException.ThrowUnless(more == 0, "it was not done: more comes out without more input");
        }
    }

    // With nothing at both ends and in the middle: a sequence may have empty segments anywhere.
    private static ReadOnlySequence<byte> InSegments(byte[] piece)
    {
        var buffer = new ReceiveBuffer(piece, areSegments: true);
        foreach (var end in (int[])[0, 0, piece.Length / 2, piece.Length / 2, piece.Length])
            buffer.Receive(end);

        return buffer.Receive(piece.Length);
    }

    private static void CheckEqual(List<byte[]?> whole, List<byte[]?> chopped, string invariant)
    {
        FindingException.ThrowUnless(whole.Count == chopped.Count, invariant);
        foreach (var (first, second) in whole.Zip(chopped))
            FindingException.ThrowUnless((first is null) == (second is null) && first.AsSpan().SequenceEqual(second), invariant);
    }
}
