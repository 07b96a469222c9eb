using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace RawWs.Redis.Rooms;

/// <summary>
/// Reads what nodes say to each other about members.
/// <code>
/// "RP" | version 1 | kind | node, 16 bytes | what the kind has
/// kind 0, here: number, 8 bytes | 1 if others are to say so too, or 0
/// kind 1, gone: nothing
/// kind 2, changes: number of the first, 8 bytes | changes, to the end
/// kind 3, ask: node that is asked, 16 bytes
/// kind 4, page: number, 8 bytes | index, 4 bytes | 1 for the last, or 0 | changes, to the end
/// kind 5, question: number, 8 bytes | how many at most, 4 bytes | name of the room, to the end
/// kind 6, answer: number, 8 bytes | who asked, 16 bytes | how many there are, 4 bytes | index, 4 bytes | 1 for the last, or 0 | members, to the end
/// change: name of the room | member          member: flags | connection, 8 bytes | info, if any
/// flags: 1 has joined, 2 has an info, which only who has joined has
/// name and info: length, 4 bytes | UTF-8, of 4 KiB at most; at the end of a message a name has no length
/// </code>
/// All numbers are big-endian. It has a channel of its own, which nodes that do not know it are not subscribed to.
/// </summary>
internal static class PresenceReader
{
    /// <summary>The only version that there is.</summary>
    public const byte Version = 1;

    /// <summary>Flags of a member.</summary>
    public const byte Joined = 1, HasInfo = 2;

    /// <summary>Bytes of the name of a room, and of an info.</summary>
    public const int MaxTextSize = 4 << 10;

    private const int HeaderLength = 4 + NodeId.Length;

    /// <returns>Whether it is of this form, to its last byte.</returns>
    public static bool TryRead(ReadOnlySpan<byte> input, [NotNullWhen(true)] out PresenceMessage? message)
    {
        message = null;
        if (input.Length < HeaderLength || !input.StartsWith("RP"u8) || input[2] != Version)
            return false;

        var node = new NodeId(BinaryPrimitives.ReadUInt128BigEndian(input[4..]));
        var rest = input[HeaderLength..];
        message = (PresenceMessageKind)input[3] switch
        {
            PresenceMessageKind.Here when TryReadNumber(ref rest, out var number) && TryReadFlag(ref rest, out var isAsking) => new PresenceMessage.Here(node, number, isAsking),
            PresenceMessageKind.Gone => new PresenceMessage.Gone(node),
            PresenceMessageKind.Changes when TryReadNumber(ref rest, out var first) && TryReadChanges(ref rest, out var changes) && changes.Length > 0 && first > 0
                && first <= ulong.MaxValue - (ulong)changes.Length => new PresenceMessage.Changes(node, first, changes),
            PresenceMessageKind.Ask when TryReadNode(ref rest, out var asked) => new PresenceMessage.Ask(node, asked),
            PresenceMessageKind.Page when TryReadNumber(ref rest, out var number) && TryReadPart(ref rest, out var index, out var isLast) && TryReadChanges(ref rest, out var members)
                && Array.TrueForAll(members, static member => member.HasJoined) => new PresenceMessage.Page(node, number, index, isLast, members),
            PresenceMessageKind.Question when TryReadNumber(ref rest, out var number) && TryReadCount(ref rest, out var maxCount) && TryReadRoom(ref rest, out var room)
                => new PresenceMessage.Question(node, number, maxCount, room),
            PresenceMessageKind.Answer when TryReadNumber(ref rest, out var number) && TryReadNode(ref rest, out var asker) && TryReadCount(ref rest, out var count)
                && TryReadPart(ref rest, out var index, out var isLast) && TryReadMembers(ref rest, node, out var members)
                => new PresenceMessage.Answer(node, number, asker, count, index, isLast, members),
            _ => null,
        };
        if (!rest.IsEmpty)
            message = null;

        return message is not null;
    }

    private static bool TryReadChanges(ref ReadOnlySpan<byte> input, out MemberChange[] changes)
    {
        var read = new List<MemberChange>();
        while (!input.IsEmpty && TryReadText(ref input, out var room) && room.Length > 0 && TryReadMember(ref input, out var id, out var info, out var hasJoined))
            read.Add(new MemberChange(room, id, info, hasJoined));

        changes = [.. read];
        return input.IsEmpty;
    }

    private static bool TryReadMembers(ref ReadOnlySpan<byte> input, NodeId node, out RoomMember[] members)
    {
        var read = new List<RoomMember>();
        var name = $"{node}";
        while (!input.IsEmpty && TryReadMember(ref input, out var id, out var info, out var hasJoined) && hasJoined)
            read.Add(new RoomMember(id, info, name));

        members = [.. read];
        return input.IsEmpty;
    }

    private static bool TryReadMember(ref ReadOnlySpan<byte> input, out long id, out string? info, out bool hasJoined)
    {
        (id, info, hasJoined) = (0, null, false);
        if (input.Length < 1 + sizeof(long))
            return false;

        var flags = input[0];
        (id, hasJoined) = (BinaryPrimitives.ReadInt64BigEndian(input[1..]), flags != 0);
        input = input[(1 + sizeof(long))..];
        return flags is 0 or Joined || (flags == (Joined | HasInfo) && TryReadText(ref input, out info));
    }

    // What is kept for each member is of a size that is known.
    private static bool TryReadText(ref ReadOnlySpan<byte> input, [NotNullWhen(true)] out string? text)
    {
        text = null;
        return BinaryPrimitives.TryReadUInt32BigEndian(input, out var length) && length <= MaxTextSize && NameFormat.TryRead(ref input, out text);
    }

    private static bool TryReadPart(ref ReadOnlySpan<byte> input, out uint index, out bool isLast)
    {
        isLast = false;
        return NameFormat.TryReadNumber(ref input, out index) && TryReadFlag(ref input, out isLast);
    }

    private static bool TryReadRoom(ref ReadOnlySpan<byte> input, [NotNullWhen(true)] out string? room)
    {
        room = input.IsEmpty || input.Length > MaxTextSize || !Utf8.IsValid(input) ? null : Encoding.UTF8.GetString(input);
        input = [];
        return room is not null;
    }

    private static bool TryReadCount(ref ReadOnlySpan<byte> input, out int count)
    {
        var isRead = NameFormat.TryReadNumber(ref input, out var number);
        count = (int)number;
        return isRead && count >= 0;
    }

    private static bool TryReadNumber(ref ReadOnlySpan<byte> input, out ulong number)
    {
        if (!BinaryPrimitives.TryReadUInt64BigEndian(input, out number))
            return false;

        input = input[sizeof(ulong)..];
        return true;
    }

    private static bool TryReadNode(ref ReadOnlySpan<byte> input, out NodeId node)
    {
        var isRead = BinaryPrimitives.TryReadUInt128BigEndian(input, out var value);
        node = new NodeId(value);
        input = isRead ? input[NodeId.Length..] : input;
        return isRead;
    }

    private static bool TryReadFlag(ref ReadOnlySpan<byte> input, out bool flag)
    {
        flag = input is [1, ..];
        if (input is not [0 or 1, ..])
            return false;

        input = input[1..];
        return true;
    }
}
