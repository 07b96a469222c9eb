using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace RawWs.Transport;

/// <summary>An address and a port, in a fraction of the bytes that the objects which say so take. Those are made when somebody asks.</summary>
internal readonly struct PackedEndPoint
{
    private const int AddressLength = 16;

    private readonly ulong _upper;
    private readonly ulong _lower;
    private readonly uint _scope;
    private readonly ushort _port;
    private readonly ushort _family;

    /// <summary>Packs an end point of IPv4 or IPv6.</summary>
    public PackedEndPoint(IPEndPoint endPoint)
    {
        var address = endPoint.Address;
        Span<byte> bytes = stackalloc byte[AddressLength];
        bytes.Clear();
        address.TryWriteBytes(bytes, out _);
        (_upper, _lower) = (BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[sizeof(ulong)..]));
        _family = (ushort)address.AddressFamily;
        _scope = IsIPv4 ? 0 : (uint)address.ScopeId;
        _port = (ushort)endPoint.Port;
    }

    /// <summary>Whether nothing has been packed.</summary>
    public bool IsEmpty => _family == (ushort)AddressFamily.Unspecified;

    private bool IsIPv4 => _family == (ushort)AddressFamily.InterNetwork;

    /// <summary>The same end point, as a new object.</summary>
    public IPEndPoint Unpack()
    {
        Span<byte> bytes = stackalloc byte[AddressLength];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, _upper);
        BinaryPrimitives.WriteUInt64BigEndian(bytes[sizeof(ulong)..], _lower);
        var address = IsIPv4 ? new IPAddress(bytes[..sizeof(uint)]) : new IPAddress(bytes, _scope);
        return new IPEndPoint(address, _port);
    }
}
