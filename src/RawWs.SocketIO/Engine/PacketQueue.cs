using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO.Engine;

/// <summary>What waits for a poll. A mutable value, in place in its session; not thread-safe.</summary>
internal struct PacketQueue
{
    private List<EncodedPacket>? _packets;

    /// <summary>How many packets wait.</summary>
    public readonly int Count => _packets?.Count ?? 0;

    /// <summary>Their bytes in a polling body.</summary>
    public long Size { get; private set; }

    /// <summary>Puts one behind the others.</summary>
    public void Add(EncodedPacket packet)
    {
        (_packets ??= []).Add(packet);
        Size += packet.BodyLength + 1;
    }

    /// <summary>Takes all of them, for a transport that has none of its own to send.</summary>
    public IReadOnlyList<EncodedPacket> TakeAll()
    {
        var packets = _packets;
        (_packets, Size) = (null, 0);
        return packets ?? [];
    }

    /// <summary>Takes all of them as the body of one response.</summary>
    public PollingBody TakeBody(PacketFormat format) => PollingPayload.Encode(TakeAll(), format);
}
