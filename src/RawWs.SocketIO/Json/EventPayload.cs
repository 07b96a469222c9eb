namespace RawWs.SocketIO.Json;

/// <summary>The values of an event or ack, written: a JSON array, with binary values beside it. Immutable.</summary>
/// <param name="Json">The array.</param>
/// <param name="Attachments">What the placeholders in it stand for.</param>
internal sealed record EventPayload(ReadOnlyMemory<byte> Json, IReadOnlyList<ReadOnlyMemory<byte>> Attachments)
{
    /// <summary>Bytes of it all.</summary>
    public int Size { get; } = Attachments.Count == 0 ? Json.Length : Json.Length + Attachments.Sum(bytes => bytes.Length);
}
