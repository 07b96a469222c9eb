namespace RawWs.SocketIO.Json;

/// <summary>
/// The attachments of the packet that this thread encodes or decodes at this moment: a JSON converter is told of nothing but the JSON. Scopes may lie inside each
/// other, when a converter of the application encodes something itself.
/// </summary>
internal readonly ref struct AttachmentScope
{
    [ThreadStatic]
    private static List<ReadOnlyMemory<byte>>? _collected;

    [ThreadStatic]
    private static IReadOnlyList<ReadOnlyMemory<byte>>? _given;

    private readonly List<ReadOnlyMemory<byte>>? _outerCollected;
    private readonly IReadOnlyList<ReadOnlyMemory<byte>>? _outerGiven;

    private AttachmentScope(List<ReadOnlyMemory<byte>>? collected, IReadOnlyList<ReadOnlyMemory<byte>>? given)
    {
        (_outerCollected, _outerGiven) = (_collected, _given);
        (_collected, _given) = (collected, given);
    }

    /// <summary>Where binary values go while JSON is written.</summary>
    public static List<ReadOnlyMemory<byte>> Collected
        => _collected ?? throw new InvalidOperationException("Binary values are written in events and acks only.");

    /// <summary>What placeholders stand for while JSON is read.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Given => _given ?? [];

    /// <summary>From now on, and until it is disposed, binary values are collected.</summary>
    public static AttachmentScope Collect(List<ReadOnlyMemory<byte>> attachments) => new(attachments, null);

    /// <summary>From now on, and until it is disposed, placeholders stand for these.</summary>
    public static AttachmentScope Give(IReadOnlyList<ReadOnlyMemory<byte>> attachments) => new(null, attachments);

    /// <summary>Goes back to what was before.</summary>
    public void Dispose() => (_collected, _given) = (_outerCollected, _outerGiven);
}
