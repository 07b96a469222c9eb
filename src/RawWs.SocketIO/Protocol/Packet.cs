namespace RawWs.SocketIO.Protocol;

/// <summary>One Socket.IO packet as it was received, and valid by itself: whether it is allowed now is decided elsewhere. Owns its memory.</summary>
internal sealed record Packet
{
    /// <summary>The name of the namespace that is not written.</summary>
    public const string MainNamespace = "/";

    /// <summary>What it is.</summary>
    public required PacketType Type { get; init; }

    /// <summary>Where it belongs.</summary>
    public string Namespace { get; init; } = MainNamespace;

    /// <summary>What an answer names, null if none is wanted.</summary>
    public ulong? Id { get; init; }

    /// <summary>How many attachments follow.</summary>
    public int AttachmentCount { get; init; }

    /// <summary>The whole payload as JSON, empty if there is none.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>The name of an event; empty for other packets, and for an event without payload, which is ignored.</summary>
    public string EventName { get; init; } = "";

    /// <summary>Of an event what follows its name, of an ack all: each value as JSON.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Values { get; init; } = [];

    /// <summary>The attachments, as many as were announced.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Attachments { get; init; } = [];

    /// <summary>What its client takes of our memory with it.</summary>
    public int Size
    {
        get
        {
            var size = Payload.Length;
            for (var index = 0; index < Attachments.Count; index++)
                size += Attachments[index].Length;

            return size;
        }
    }
}
