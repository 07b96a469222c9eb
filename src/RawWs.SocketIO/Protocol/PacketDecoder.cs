namespace RawWs.SocketIO.Protocol;

/// <summary>Puts the packets of one connection together, from the messages of its Engine.IO session. Used by one thread at a time.</summary>
internal sealed class PacketDecoder(PacketLimits limits) : IPacketDecoder
{
    // Made with the first packet that has some: most connections never send one.
    private List<ReadOnlyMemory<byte>>? _attachments;
    private Packet? _unfinished;
    private long _size;

    /// <inheritdoc/>
    public Packet? Add(ReadOnlyMemory<byte> data, bool isBinary) => isBinary ? AddAttachment(data) : Add(data);

    /// <summary>Takes a text message.</summary>
    /// <param name="text">Valid UTF-8; belongs to the packet from now on.</param>
    /// <returns>A packet; null if its attachments have yet to come.</returns>
    /// <exception cref="PacketException">It is no packet, or none may come now.</exception>
    public Packet? Add(ReadOnlyMemory<byte> text)
    {
        if (_unfinished is not null)
            throw new PacketException("got plaintext data when reconstructing a packet");

        var packet = PacketReader.Read(text, limits);
        if (packet.AttachmentCount == 0)
            return packet;

        (_unfinished, _size) = (packet, text.Length);
        return null;
    }

    /// <summary>Takes a binary message.</summary>
    /// <param name="bytes">The attachment; belongs to the packet from now on.</param>
    /// <inheritdoc cref="Add(ReadOnlyMemory{byte})"/>
    public Packet? AddAttachment(ReadOnlyMemory<byte> bytes)
    {
        if (_unfinished is not { } packet)
            throw new PacketException("got binary data when not reconstructing a packet");

        _size += bytes.Length;
        if (_size > limits.MaxPacketSize)
            throw new PacketException("the packet is too large");

        (_attachments ??= []).Add(bytes);
        if (_attachments.Count < packet.AttachmentCount)
            return null;

        packet = packet with { Attachments = _attachments };
        (_unfinished, _attachments) = (null, null);
        return packet;
    }
}
