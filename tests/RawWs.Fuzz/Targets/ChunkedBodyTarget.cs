using System.Buffers;
using RawWs.Http;
using RawWs.Protocol;

namespace RawWs.Fuzz;

/// <summary>A chunked body from its bytes to its end, held against <see cref="PlainChunks"/> in both directions.</summary>
internal sealed class ChunkedBodyTarget : FuzzTarget
{
    private const long MaxLength = 10_000;

    private static readonly int[] Statuses = [400, 413, 431];

    public override string Name => "chunked-body";

    public override string Description => "ChunkedDecoder: one body in any segmentation and any room, within its limits, and that of a second reader";

    public override IReadOnlyList<string> CorpusFolders => ["chunks"];

    public override InputGrammar Grammar { get; } = new ChunkGrammar();

    public override ulong Run(byte[] input)
    {
        var random = new SplitMix64(Behaviour.Of(input));
        var outcome = Read(input, Arrivals.Whole(input.Length), int.MaxValue);
        foreach (var arrivals in (Arrivals[])[Arrivals.ByteByByte(input.Length, areSegments: random.OneIn(2)), Arrivals.Random(input.Length, random), Arrivals.Random(input.Length, random)])
        {
            var other = Read(input, arrivals, random.Of<int>([1, 7, 1000, int.MaxValue]));
            FindingException.ThrowUnless(
                (outcome.Status, outcome.Length) == (other.Status, other.Length) && (outcome.Status != 200 || outcome.Body.SequenceEqual(other.Body)),
                $"the pieces changed the outcome: {arrivals}: {other.Status}, {other.Length} instead of {outcome.Status}, {outcome.Length}");
        }

        var plain = PlainChunks.Read(input, MaxLength);
        FindingException.ThrowUnless((plain is not null) == (outcome.Status == 200), $"it judges the body unlike the second reader: {outcome.Status}");
        FindingException.ThrowUnless(
            plain is null || (plain.Length == outcome.Length && plain.Body.AsSpan().SequenceEqual(outcome.Body.ToArray())), "it reads another body than the second reader");

        var behaviour = new Behaviour();
        behaviour.Add(outcome.Status);
        behaviour.AddLength(outcome.Body.Count);
        behaviour.AddLength(outcome.Length);
        return behaviour.Hash;
    }

    /// <returns>200 for a whole body, 0 for one that is incomplete, or the status of its refusal; the body; and its bytes on the wire if it is whole.</returns>
    private static (int Status, List<byte> Body, int Length) Read(byte[] input, Arrivals arrivals, int room)
    {
        var (decoder, buffer, body) = (new ChunkedDecoder(MaxLength), new ReceiveBuffer(input, arrivals.AreSegments), new List<byte>());
        try
        {
            foreach (var end in arrivals.Ends)
            {
                var unread = buffer.Receive(end);
                while (decoder.Read(ref unread, room) is { IsEmpty: false } piece)
                {
                    FindingException.ThrowUnless(piece.Length <= room, "it yields more than there is room for");
                    body.AddRange(piece.ToArray());
                }

                FindingException.ThrowUnless(body.Count <= MaxLength, "it yields more than a body may have");
                FindingException.ThrowUnless(unread.Length <= ChunkedDecoder.MaxTrailersLength || decoder.IsComplete, "it waits for more than a line may have");
                if (decoder.IsComplete)
                    return (200, body, end - (int)unread.Length);

                buffer.Release(unread);
            }
        }
        catch (RequestRefusedException refusal)
        {
            FindingException.ThrowUnless(Statuses.Contains((int)refusal.Status), $"it is refused with a status of no rule: {refusal.Status}");
            return ((int)refusal.Status, body, 0);
        }

        return (0, body, 0);
    }
}
