using System.Net.WebSockets;

namespace RawWs.Fuzz;

/// <summary>What a server made of a client's bytes.</summary>
internal sealed record PeerVerdict
{
    public List<(WebSocketMessageType Type, byte[] Payload)> Messages { get; } = [];

    /// <summary>The pings that it answered.</summary>
    public List<byte[]> Pings { get; } = [];

    /// <summary>The code of the client's close frame, 1005 if that has none; 0 without a close frame.</summary>
    public int ClosedWith { get; init; }

    public string Reason { get; init; } = "";

    /// <summary>The code with which the connection was failed; 0 if it was not.</summary>
    public int Code { get; init; }

    public bool Equals(PeerVerdict? other) => other is not null && HasSameEvents(other) && HasSameEnd(other);

    public bool HasSameEnd(PeerVerdict other) => (ClosedWith, Reason, Code) == (other.ClosedWith, other.Reason, other.Code);

    public bool HasSameEvents(PeerVerdict other)
        => Messages.Count == other.Messages.Count
            && Messages.Zip(other.Messages).All(pair => pair.First.Type == pair.Second.Type && pair.First.Payload.AsSpan().SequenceEqual(pair.Second.Payload))
            && Pings.Count == other.Pings.Count
            && Pings.Zip(other.Pings).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));

    public override int GetHashCode() => HashCode.Combine(Messages.Count, Pings.Count, ClosedWith, Code);

    public override string ToString()
    {
        var messages = string.Join(", ", Messages.Select(message => $"{message.Type} {Convert.ToHexStringLower(message.Payload)}"));
        var end = Code > 0 ? $"fails {Code}" : ClosedWith > 0 ? $"closed with {ClosedWith} '{Reason}'" : "waits";
        return $"[{messages}], {Pings.Count} pings, {end}";
    }
}
