using System.Buffers;

namespace RawWs.SocketIO.Protocol;

/// <summary>Puts packets into polling bodies, and takes them out, for clients of either protocol. That of protocol 4 is packets with a record separator between them.</summary>
internal static class PollingPayload
{
    /// <summary>Encodes packets as one body.</summary>
    public static PollingBody Encode(IReadOnlyList<EncodedPacket> packets, PacketFormat format)
    {
        if (format.IsLegacy)
            return LegacyPayload.Encode(packets, format);

        var isCompressible = packets.Any(packet => packet.IsCompressible);
        if (packets.Count == 1)
            return new PollingBody(packets[0].Body, IsCompressible: isCompressible);

        var body = new ArrayBufferWriter<byte>();
        foreach (var packet in packets)
        {
            if (body.WrittenCount > 0)
                body.Write([EnginePacket.Separator]);

            body.Write(packet.Body.Span);
        }

        return new PollingBody(body.WrittenMemory, IsCompressible: isCompressible);
    }

    /// <summary>Reads the first packet of a body, and moves <paramref name="body"/> past it.</summary>
    /// <param name="body">What is left of the body; null behind its last packet.</param>
    /// <param name="format">What the client speaks.</param>
    /// <param name="isBinary">Whether it is in the binary form of protocol 3.</param>
    /// <exception cref="PacketException">It begins with no packet.</exception>
    public static EnginePacket ReadFirst(ref ReadOnlyMemory<byte>? body, PacketFormat format, bool isBinary) => format.IsLegacy switch
    {
        false => EnginePacket.ReadFirst(ref body),
        true when isBinary => LegacyPayload.ReadFirstBinary(ref body),
        true => LegacyPayload.ReadFirst(ref body),
    };
}
