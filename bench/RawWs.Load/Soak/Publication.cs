using System.Buffers.Binary;

namespace RawWs.Load;

/// <summary>A message of a publisher: who it is, the message's number from 0, and as many bytes more as are wanted.</summary>
internal readonly record struct Publication(int Publisher, long Number)
{
    public const int HeaderLength = sizeof(int) + sizeof(long);

    public static Publication Of(ReadOnlySpan<byte> payload)
        => new(BinaryPrimitives.ReadInt32BigEndian(payload), BinaryPrimitives.ReadInt64BigEndian(payload[sizeof(int)..]));

    public void WriteTo(Span<byte> payload)
    {
        BinaryPrimitives.WriteInt32BigEndian(payload, Publisher);
        BinaryPrimitives.WriteInt64BigEndian(payload[sizeof(int)..], Number);
    }
}
