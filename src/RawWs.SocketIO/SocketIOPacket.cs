using RawWs.SocketIO.Json;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO;

/// <summary>An event that is sent: its values are written once, and it is encoded once for all who are sent it. <see cref="SocketIONamespace.CreatePacket"/> makes one.</summary>
/// <remarks>Immutable and thread-safe.</remarks>
public sealed class SocketIOPacket
{
    private readonly SocketIONamespace _namespace;
    private readonly EventPayload _payload;
    private readonly ulong? _id;
    private EncodedPacket? _encoded;
    private IReadOnlyList<EventValue>? _values;

    internal SocketIOPacket(SocketIONamespace nsp, string eventName, EventPayload payload, ulong? id = null, string? offset = null)
        => (_namespace, EventName, _payload, _id, Offset) = (nsp, eventName, payload, id, offset);

    /// <summary>The event's name.</summary>
    public string EventName { get; }

    /// <summary>What comes with it, for adapters that encode it in a way of their own.</summary>
    public IReadOnlyList<EventValue> Values => _values ??= _namespace.Json.Split(_payload, skip: 1);

    /// <summary>By what a client that has lost its connection says how far it came: its last value, if connections are recovered. Null without.</summary>
    public string? Offset { get; }

    /// <summary>Bytes of its values.</summary>
    internal int Size => _payload.Size;

    /// <summary>The same event, with an offset as its last value.</summary>
    /// <param name="offset">Unique in the namespace, and not empty.</param>
    public SocketIOPacket WithOffset(string offset)
    {
        ArgumentException.ThrowIfNullOrEmpty(offset);
        return new SocketIOPacket(_namespace, EventName, _namespace.Json.Append(_payload, offset), _id, offset);
    }

    /// <summary>The same event in another namespace.</summary>
    internal SocketIOPacket In(SocketIONamespace other) => new(other, EventName, _payload, _id, Offset);

    /// <summary>The same event as a question.</summary>
    internal SocketIOPacket WithId(ulong id) => new(_namespace, EventName, _payload, id, Offset);

    /// <summary>What is sent. Encoded when it is asked for first; two threads at once may both do so, and come to the same.</summary>
    internal EncodedPacket Encode(bool isCompressible)
    {
        if (_encoded is { } encoded && encoded.IsCompressible == isCompressible)
            return encoded;

        return _encoded = _namespace.Options.Parser.Encode(PacketType.Event, _namespace.Name, _id, _payload.Json.Span, _payload.Attachments, isCompressible);
    }
}
