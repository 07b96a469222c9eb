using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace RawWs.Server;

/// <summary>What connections are counted by: an IPv4 address, or the /64 of an IPv6 address, of which every host has as many as it likes.</summary>
/// <remarks>An object: only servers that limit the connections of an address have any, and each connection of theirs keeps one.</remarks>
internal sealed record AddressKey(ulong Bits, bool IsIPv4)
{
    /// <returns>The key; null where the peer has no address.</returns>
    public static AddressKey? Of(EndPoint? endPoint)
    {
        if (endPoint is not IPEndPoint { Address: var address })
            return null;

        Span<byte> bytes = stackalloc byte[16];
        if (!address.TryWriteBytes(bytes, out _))
            return null;

        if (address.AddressFamily == AddressFamily.InterNetwork)
            return new AddressKey(BinaryPrimitives.ReadUInt32BigEndian(bytes), IsIPv4: true);

        // An IPv6 socket that takes IPv4 as well shows those so.
        return address.IsIPv4MappedToIPv6
            ? new AddressKey(BinaryPrimitives.ReadUInt32BigEndian(bytes[12..]), IsIPv4: true)
            : new AddressKey(BinaryPrimitives.ReadUInt64BigEndian(bytes), IsIPv4: false);
    }
}
