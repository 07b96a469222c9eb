using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO;

/// <summary>How packets are written and read on the wire. Clients have to have the same one.</summary>
/// <remarks>Immutable and thread-safe.</remarks>
public abstract class SocketIOParser
{
    private protected SocketIOParser()
    {
    }

    /// <summary>JSON as text, with binary values in messages of their own behind it: what clients speak unless they are told otherwise.</summary>
    public static SocketIOParser Json { get; } = new JsonParser();

    /// <summary>MessagePack, each packet in one binary message with its binary values in it: for clients with <c>socket.io-msgpack-parser</c>.</summary>
    public static SocketIOParser MessagePack { get; } = new MessagePackParser();

    internal abstract IPacketDecoder CreateDecoder(PacketLimits limits);

    /// <summary>Encodes a packet.</summary>
    /// <param name="type">Its type; of the binary ones neither.</param>
    /// <param name="nsp">Its namespace.</param>
    /// <param name="id">The id of the answer, null if none is wanted.</param>
    /// <param name="payload">Its payload as JSON, empty if it has none.</param>
    /// <param name="attachments">What the placeholders stand for.</param>
    /// <param name="isCompressible">Whether it may be compressed on its way.</param>
    internal abstract EncodedPacket Encode(
        PacketType type, string nsp, ulong? id, ReadOnlySpan<byte> payload, IReadOnlyList<ReadOnlyMemory<byte>> attachments, bool isCompressible = true);

    private sealed class JsonParser : SocketIOParser
    {
        internal override IPacketDecoder CreateDecoder(PacketLimits limits) => new PacketDecoder(limits);

        internal override EncodedPacket Encode(
            PacketType type, string nsp, ulong? id, ReadOnlySpan<byte> payload, IReadOnlyList<ReadOnlyMemory<byte>> attachments, bool isCompressible = true)
            => PacketWriter.Encode(type, nsp, id, payload, attachments, isCompressible);
    }

    private sealed class MessagePackParser : SocketIOParser
    {
        internal override IPacketDecoder CreateDecoder(PacketLimits limits) => new MessagePackDecoder(limits);

        internal override EncodedPacket Encode(
            PacketType type, string nsp, ulong? id, ReadOnlySpan<byte> payload, IReadOnlyList<ReadOnlyMemory<byte>> attachments, bool isCompressible = true)
            => MessagePackPacketWriter.Encode(type, nsp, id, payload, attachments, isCompressible);
    }
}
