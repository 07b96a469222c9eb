namespace RawWs.SocketIO.Protocol;

/// <summary>Puts the packets of one connection together, from the messages of its Engine.IO session. Used by one thread at a time.</summary>
internal interface IPacketDecoder
{
    /// <summary>Takes a message.</summary>
    /// <param name="data">Valid UTF-8, or bytes; belongs to the packet from now on.</param>
    /// <param name="isBinary">Which of the two.</param>
    /// <returns>A packet; null if there is more to come of it.</returns>
    /// <exception cref="PacketException">It is no packet, or none may come now.</exception>
    Packet? Add(ReadOnlyMemory<byte> data, bool isBinary);
}
