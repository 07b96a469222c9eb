using System.Globalization;
using System.Security.Cryptography;

namespace RawWs.Redis.Rooms;

/// <summary>One start of one node. A node that starts again is another one, and counts from the beginning.</summary>
internal readonly record struct NodeId(UInt128 Value)
{
    /// <summary>Bytes as it is sent.</summary>
    public const int Length = 16;

    public static NodeId New()
    {
        Span<byte> random = stackalloc byte[Length];
        RandomNumberGenerator.Fill(random);
        return new(System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(random));
    }

    /// <summary>32 hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x32", CultureInfo.InvariantCulture);
}
