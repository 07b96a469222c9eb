using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace RawWs.Protocol;

/// <summary>
/// The masking of client frames (RFC 6455 §5.3): "octet i of the transformed data is the XOR of octet i of the original data with
/// octet at index i modulo 4 of the masking key". The same operation masks and unmasks.
/// </summary>
internal static class Masking
{
    /// <summary>Applies the key to <paramref name="payload"/> in place, a vector at a time.</summary>
    /// <param name="payload">A piece of a payload.</param>
    /// <param name="maskingKey">The key, its first byte lowest, rotated to where the piece begins.</param>
    /// <returns>The key for the piece that follows.</returns>
    public static uint Apply(Span<byte> payload, uint maskingKey)
    {
        var rest = payload;

        // Vectors and words are laid out in memory order, the key is held with its first byte lowest.
        var word = BitConverter.IsLittleEndian ? maskingKey : BinaryPrimitives.ReverseEndianness(maskingKey);

        if (rest.Length >= Vector<byte>.Count)
        {
            var key = Vector.AsVectorByte(new Vector<uint>(word));
            var vectors = MemoryMarshal.Cast<byte, Vector<byte>>(rest);
            foreach (ref var vector in vectors)
                vector ^= key;
            rest = rest[(vectors.Length * Vector<byte>.Count)..];
        }

        var words = MemoryMarshal.Cast<byte, uint>(rest);
        foreach (ref var each in words)
            each ^= word;

        return ApplyScalar(rest[(words.Length * sizeof(uint))..], maskingKey);
    }

    /// <summary>The definition, byte by byte: the tail of <see cref="Apply(Span{byte}, uint)"/>, and what tests hold it against.</summary>
    public static uint ApplyScalar(Span<byte> payload, uint maskingKey)
    {
        foreach (ref var octet in payload)
        {
            octet ^= (byte)maskingKey;
            maskingKey = BitOperations.RotateRight(maskingKey, 8);
        }

        return maskingKey;
    }

    /// <summary>Unmasks, in place, bytes that lie in a transport's receive buffer.</summary>
    /// <remarks>
    /// The memory is read-only to applications and writable to us: it is the receive buffer of this connection, which nobody else
    /// reads before the message has been delivered, and each byte of it passes here once.
    /// </remarks>
    public static uint Unmask(in ReadOnlySequence<byte> received, uint maskingKey)
    {
        if (received.IsSingleSegment)
            return Apply(MemoryMarshal.AsMemory(received.First).Span, maskingKey);

        foreach (var segment in received)
            maskingKey = Apply(MemoryMarshal.AsMemory(segment).Span, maskingKey);

        return maskingKey;
    }
}
