using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace RawWs.Redis.Rooms;

/// <summary>
/// What nodes say to each other.
/// <code>
/// "RN" | version 1 | kind | node, 16 bytes | what the kind has
/// kind 0, here: nothing                 kind 1, gone: nothing
/// kind 2, question: number, 8 bytes | 1 and the name of a room in UTF-8, or 0
/// kind 3, answer: number, 8 bytes | who asked, 16 bytes | members, 4 bytes
/// </code>
/// All numbers are big-endian.
/// </summary>
internal readonly record struct NodeMessage(NodeMessageKind Kind, NodeId Node, ulong Number = 0, string? Room = null, NodeId Asker = default, int Members = 0)
{
    private const byte Version = 1;
    private const int HeaderLength = 4 + NodeId.Length, NumberLength = sizeof(ulong), AnswerLength = NumberLength + NodeId.Length + sizeof(int);

    public byte[] Write()
    {
        var room = Room is null ? [] : Encoding.UTF8.GetBytes(Room);
        var written = new byte[HeaderLength + Kind switch { NodeMessageKind.Question => NumberLength + 1 + room.Length, NodeMessageKind.Answer => AnswerLength, _ => 0 }];
        "RN"u8.CopyTo(written);
        (written[2], written[3]) = (Version, (byte)Kind);
        BinaryPrimitives.WriteUInt128BigEndian(written.AsSpan(4), Node.Value);
        if (Kind is not (NodeMessageKind.Question or NodeMessageKind.Answer))
            return written;

        var rest = written.AsSpan(HeaderLength);
        BinaryPrimitives.WriteUInt64BigEndian(rest, Number);
        if (Kind == NodeMessageKind.Question)
        {
            rest[NumberLength] = Room is null ? (byte)0 : (byte)1;
            room.CopyTo(rest[(NumberLength + 1)..]);
            return written;
        }

        BinaryPrimitives.WriteUInt128BigEndian(rest[NumberLength..], Asker.Value);
        BinaryPrimitives.WriteInt32BigEndian(rest[(NumberLength + NodeId.Length)..], Members);
        return written;
    }

    /// <returns>Whether it is of this form.</returns>
    public static bool TryRead(ReadOnlySpan<byte> input, out NodeMessage message)
    {
        message = default;
        if (input.Length < HeaderLength || !input.StartsWith("RN"u8) || input[2] != Version)
            return false;

        var (kind, node) = ((NodeMessageKind)input[3], new NodeId(BinaryPrimitives.ReadUInt128BigEndian(input[4..])));
        var rest = input[HeaderLength..];
        switch (kind)
        {
            case NodeMessageKind.Here or NodeMessageKind.Gone when rest.IsEmpty:
                message = new NodeMessage(kind, node);
                return true;
            case NodeMessageKind.Question when rest.Length > NumberLength && TryReadRoom(rest[NumberLength..], out var room):
                message = new NodeMessage(kind, node, BinaryPrimitives.ReadUInt64BigEndian(rest), room);
                return true;
            case NodeMessageKind.Answer when rest.Length == AnswerLength && BinaryPrimitives.ReadInt32BigEndian(rest[(NumberLength + NodeId.Length)..]) is var members and >= 0:
                message = new NodeMessage(kind, node, BinaryPrimitives.ReadUInt64BigEndian(rest), null, new NodeId(BinaryPrimitives.ReadUInt128BigEndian(rest[NumberLength..])), members);
                return true;
            default:
                return false;
        }
    }

    private static bool TryReadRoom(ReadOnlySpan<byte> input, out string? room)
    {
        var name = input[1..];
        room = input[0] == 1 ? Encoding.UTF8.GetString(name) : null;
        return input[0] == 1 ? !name.IsEmpty && Utf8.IsValid(name) : input[0] == 0 && name.IsEmpty;
    }
}
