using RawWs.Protocol;

namespace RawWs.Fuzz;

/// <summary>Something that a peer's bytes came to.</summary>
/// <param name="Kind">What was delivered; null for a violation.</param>
/// <param name="Type">The type of a message.</param>
/// <param name="Payload">Its payload.</param>
/// <param name="Code">The code of a violation.</param>
internal sealed record AssemblerEvent(ReceivedKind? Kind, MessageType Type, byte[] Payload, int Code)
{
    public bool Equals(AssemblerEvent? other)
        => other is not null && (Kind, Type, Code) == (other.Kind, other.Type, other.Code) && Payload.AsSpan().SequenceEqual(other.Payload);

    public override int GetHashCode() => HashCode.Combine(Kind, Type, Code, Payload.Length);

    public override string ToString()
    {
        var name = Kind is ReceivedKind.Message ? $"{Type}" : $"{Kind}";
        return Kind is null ? $"Fails {Code}" : $"{name} {Convert.ToHexStringLower(Payload)}".TrimEnd();
    }
}
