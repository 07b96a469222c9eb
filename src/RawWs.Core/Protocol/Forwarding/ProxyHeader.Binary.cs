using System.Buffers;
using System.Buffers.Binary;
using System.Net;
using System.Numerics;

namespace RawWs.Protocol;

// Version 2:
//
//   0                            12              13                   14        16                    16 + length
//   | signature: 0D 0A 0D 0A ... | version, cmd. | family, transport  | length  | addresses | TLVs ... |
//
// A TLV is one byte of type, two of length, and its value. Numbers are in network byte order.
internal readonly partial record struct ProxyHeader
{
    /// <summary>Bytes in a header of version 2; it may carry more than addresses, a client's certificate for example.</summary>
    public const int MaxBinaryLength = 16 * 1024;

    private const int BinaryStartLength = 16, TlvStartLength = 3;
    private const byte Version2 = 0x20, VersionBits = 0xF0;
    private const byte Local = 0x00, Proxy = 0x01;
    private const byte Unspecified = 0x00, Tcp4 = 0x11, Tcp6 = 0x21, UnixStream = 0x31;
    private const int Tcp4Length = 12, Tcp6Length = 36, UnixLength = 216;
    private const byte ChecksumType = 0x03, TlsType = 0x20;

    // The first byte of PP2_TYPE_SSL: "the PP2_CLIENT_SSL flag indicates that the client connected over SSL/TLS".
    private const byte ClientSpeaksTls = 0x01;

    private static ReadOnlySpan<byte> Signature => [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    /// <returns>The length of the header, 0 if it is not all there.</returns>
    private static int ReadBinary(ReadOnlySpan<byte> start, in ReadOnlySequence<byte> input, out ProxyHeader header)
    {
        CheckBeginning(start, Signature);
        header = default;
        if (start.Length < BinaryStartLength)
            return 0;

        var (versionAndCommand, family) = (start[12], start[13]);
        var command = versionAndCommand & ~VersionBits;
        if ((versionAndCommand & VersionBits) != Version2 || command > Proxy)
            throw MalformedBinary();

        var length = BinaryStartLength + BinaryPrimitives.ReadUInt16BigEndian(start[14..]);
        if (length > MaxBinaryLength)
            throw new ProxyHeaderException("its PROXY protocol header (version 2) is too long");

        if (input.Length < length)
            return 0;

        // §2.2: with LOCAL, "the receiver must accept this connection as valid and must use the real connection endpoints and discard the protocol block including the family".
        if (command == Local || family == Unspecified)
            return length;

        var whole = input.Slice(0, length);
        header = ReadAddresses(whole.IsSingleSegment ? whole.FirstSpan : whole.ToArray(), family);
        return length;
    }

    private static ProxyHeader ReadAddresses(ReadOnlySpan<byte> header, byte family)
    {
        // Datagrams are none of ours, and what is not assigned is nobody's: the specification lets such connections be dropped.
        var addressesLength = family switch
        {
            Tcp4 => Tcp4Length,
            Tcp6 => Tcp6Length,
            UnixStream => UnixLength,
            _ => throw MalformedBinary(),
        };
        if (header.Length < BinaryStartLength + addressesLength)
            throw MalformedBinary();

        var addresses = header.Slice(BinaryStartLength, addressesLength);
        var isSecure = ReadTlvs(header, BinaryStartLength + addressesLength);
        return new ProxyHeader(ReadSource(addresses, family), isSecure);
    }

    // Source address, destination address, source port, destination port.
    private static IPEndPoint? ReadSource(ReadOnlySpan<byte> addresses, byte family)
    {
        if (family == UnixStream)
            return null;

        var addressLength = family == Tcp4 ? 4 : 16;
        var address = new IPAddress(addresses[..addressLength]);
        var port = BinaryPrimitives.ReadUInt16BigEndian(addresses[(2 * addressLength)..]);
        return new IPEndPoint(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address, port);
    }

    /// <returns>Whether the proxy's client speaks TLS.</returns>
    private static bool ReadTlvs(ReadOnlySpan<byte> header, int position)
    {
        var isSecure = false;
        while (position < header.Length)
        {
            if (header.Length - position < TlvStartLength)
                throw MalformedBinary();

            var (type, length) = (header[position], BinaryPrimitives.ReadUInt16BigEndian(header[(position + 1)..]));
            position += TlvStartLength;
            if (header.Length - position < length)
                throw MalformedBinary();

            if (type == ChecksumType)
                CheckChecksum(header, position, length);
            else if (type == TlsType)
                isSecure = length > 0 && (header[position] & ClientSpeaksTls) != 0;

            position += length;
        }

        return isSecure;
    }

    // §2.2.3: CRC32c over the whole header, with zeros in the place of the checksum; "the receiver MUST verify the checksum".
    private static void CheckChecksum(ReadOnlySpan<byte> header, int position, int length)
    {
        if (length != sizeof(uint))
            throw MalformedBinary();

        var checksum = Checksum(uint.MaxValue, header[..position]);
        checksum = Checksum(checksum, [0, 0, 0, 0]);
        checksum = Checksum(checksum, header[(position + length)..]);
        if (~checksum != BinaryPrimitives.ReadUInt32BigEndian(header[position..]))
            throw new ProxyHeaderException("the checksum of its PROXY protocol header is wrong");
    }

    private static uint Checksum(uint checksum, ReadOnlySpan<byte> bytes)
    {
        foreach (var octet in bytes)
            checksum = BitOperations.Crc32C(checksum, octet);

        return checksum;
    }

    private static ProxyHeaderException MalformedBinary() => new("its PROXY protocol header (version 2) is malformed");
}
