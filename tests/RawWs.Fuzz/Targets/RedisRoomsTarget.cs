using RawWs.Redis.Rooms;

namespace RawWs.Fuzz;

/// <summary>What nodes say to each other through Redis: broadcasts to rooms, and who is there.</summary>
internal sealed class RedisRoomsTarget : FuzzTarget
{
    public override string Name => "redis-rooms";

    public override string Description => "Envelope and NodeMessage: read or refused, no more in them than came, and the same when they are written again";

    public override IReadOnlyList<string> CorpusFolders => ["redis-rooms"];

    public override InputGrammar Grammar { get; } = new EnvelopeGrammar();

    // A name of one letter takes five bytes on its way, and some forty here.
    public override long AllocationBudget => 1 << 20;

    public override ulong Run(byte[] input)
    {
        var behaviour = new Behaviour();
        if (NodeMessage.TryRead(input, out var message))
        {
            behaviour.Add((int)message.Kind);
            FindingException.ThrowUnless(message.Write().AsSpan().SequenceEqual(input), $"{message} is written as something else");
        }

        if (Envelope.TryRead(input, out var envelope))
            Check(input, envelope, ref behaviour);

        return behaviour.Hash;
    }

    private static void Check(byte[] input, Envelope envelope, ref Behaviour behaviour)
    {
        var written = envelope.Publication is { } publication ? Envelope.Write(envelope.Node, publication) : Envelope.WriteMarker(envelope.Node);
        Envelope.SetSequence(written, envelope.Sequence);
        FindingException.ThrowUnless(written.AsSpan().SequenceEqual(input), $"{envelope} is written as something else");
        FindingException.ThrowUnless(Envelope.IsMarker(written) == envelope.Publication is null, "a marker is none");
        if (envelope.Publication is not { } read)
            return;

        behaviour.AddLength(read.Rooms.Count);
        behaviour.AddLength(read.ExceptRooms.Count);
        behaviour.Add((int)read.Message.Type);
        behaviour.Add((int?)read.Options.Policy ?? -1);
        behaviour.Add(read.Options.ConflationKey is null ? 0 : 1);
    }
}
