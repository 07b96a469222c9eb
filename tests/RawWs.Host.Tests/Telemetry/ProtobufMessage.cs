using System.Buffers.Binary;
using System.Text;

namespace RawWs.Host.Tests;

/// <summary>The fields of a message of Protocol Buffers, without knowing what they mean.</summary>
internal sealed class ProtobufMessage
{
    private readonly List<(int Number, ulong Value, byte[] Bytes)> _fields = [];

    public ProtobufMessage(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var tag = ReadVarint(ref bytes);
            var (value, content) = (tag & 7) switch
            {
                0 => (ReadVarint(ref bytes), []),
                1 => (BinaryPrimitives.ReadUInt64LittleEndian(Take(ref bytes, 8)), []),
                2 => (0UL, Take(ref bytes, (int)ReadVarint(ref bytes))),
                5 => (BinaryPrimitives.ReadUInt32LittleEndian(Take(ref bytes, 4)), []),
                var other => throw new InvalidDataException($"There is no wire type {other}."),
            };
            _fields.Add(((int)(tag >> 3), value, content));
        }
    }

    public IEnumerable<ProtobufMessage> Messages(int number) => Fields(number).Select(field => new ProtobufMessage(field.Bytes));

    public string Text(int number) => Encoding.UTF8.GetString(Fields(number).Single().Bytes);

    public ulong Number(int number) => Fields(number).Single().Value;

    private IEnumerable<(int Number, ulong Value, byte[] Bytes)> Fields(int number) => _fields.Where(field => field.Number == number);

    private static byte[] Take(ref ReadOnlySpan<byte> bytes, int length)
    {
        var taken = bytes[..length].ToArray();
        bytes = bytes[length..];
        return taken;
    }

    private static ulong ReadVarint(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = Take(ref bytes, 1)[0];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
                return value;
        }
    }
}
