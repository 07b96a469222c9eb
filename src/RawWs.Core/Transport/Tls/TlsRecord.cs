using System.Buffers;
using System.Buffers.Binary;

namespace RawWs.Transport;

/// <summary>Where a record of TLS begins and ends on the wire (RFC 8446 §5.1, RFC 5246 §6.2).</summary>
internal static class TlsRecord
{
    /// <summary>Bytes of plaintext in a record, at most.</summary>
    public const int MaxPlaintextLength = 1 << 14;

    /// <summary>The type of the first record of a handshake.</summary>
    public const byte HandshakeType = 22;

    /// <summary>The major version in every record since SSL 3.0.</summary>
    public const byte MajorVersion = 3;

    private const int HeaderLength = 5, LengthOffset = 3;

    // What TLS 1.2 allows; 1.3 allows less.
    private const int MaxCiphertextLength = MaxPlaintextLength + 2_048;

    /// <summary>Takes the first record, header included, from <paramref name="input"/>, and moves that past it.</summary>
    /// <returns><see langword="false"/>, with <paramref name="input"/> untouched, if the record is not all there yet.</returns>
    /// <exception cref="TransportClosedException">The record is longer than any may be.</exception>
    public static bool TryTake(ref ReadOnlySequence<byte> input, out ReadOnlySequence<byte> record)
    {
        record = default;
        if (input.Length < HeaderLength)
            return false;

        Span<byte> header = stackalloc byte[HeaderLength];
        input.Slice(0, HeaderLength).CopyTo(header);
        var length = BinaryPrimitives.ReadUInt16BigEndian(header[LengthOffset..]);
        if (length > MaxCiphertextLength)
            throw new TransportClosedException("The peer sent a TLS record that is too long.");

        if (input.Length < HeaderLength + length)
            return false;

        record = input.Slice(0, HeaderLength + length);
        input = input.Slice(record.End);
        return true;
    }
}
