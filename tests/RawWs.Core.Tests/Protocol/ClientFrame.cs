using System.Buffers.Binary;

namespace RawWs.Tests.Protocol;

/// <summary>
/// The bytes of a client's frame, written here a second time and in the plainest way, so that a mistake in the code under test has no twin.
/// </summary>
internal static class ClientFrame
{
    /// <summary>The masking key of the examples in RFC 6455 §5.7.</summary>
    public const uint RfcKey = 0x37fa213d;

    /// <summary>A whole frame.</summary>
    /// <param name="first">FIN, RSV and opcode.</param>
    /// <param name="payload">Before masking.</param>
    /// <param name="key">The masking key, as it is read on the wire.</param>
    public static byte[] Bytes(byte first, ReadOnlySpan<byte> payload, uint key = RfcKey)
    {
        var masked = payload.ToArray();
        for (var index = 0; index < masked.Length; index++)
            masked[index] ^= (byte)(key >> (24 - 8 * (index % 4)));

        return [.. Header(first, (ulong)masked.Length, key), .. masked];
    }

    /// <summary>A header that announces a payload of any length.</summary>
    public static byte[] Header(byte first, ulong length, uint key = RfcKey)
    {
        var tail = new byte[sizeof(ulong) + sizeof(uint)];
        BinaryPrimitives.WriteUInt64BigEndian(tail, length);
        BinaryPrimitives.WriteUInt32BigEndian(tail.AsSpan(sizeof(ulong)), key);

        return length switch
        {
            <= 125 => [first, (byte)(0x80 | length), .. tail[8..]],
            <= 0xFFFF => [first, 0xFE, .. tail[6..]],
            _ => [first, 0xFF, .. tail],
        };
    }
}
