using System.Buffers.Binary;
using System.Text;

namespace RawWs.Redis.Rooms;

/// <summary>Writes what nodes say to each other about members, in the form that <see cref="PresenceReader"/> has: many in messages of <see cref="PageSize"/> at most, unless one alone is larger.</summary>
internal static class PresenceWriter
{
    /// <summary>Bytes of changes or members in one message, about.</summary>
    public const int PageSize = 64 << 10;

    public static byte[] Here(NodeId node, ulong number, bool isAsking) => [.. Header(PresenceMessageKind.Here, node), .. Bytes(number), Flag(isAsking)];

    public static byte[] Gone(NodeId node) => Header(PresenceMessageKind.Gone, node);

    public static byte[] Ask(NodeId node, NodeId asked) => [.. Header(PresenceMessageKind.Ask, node), .. Bytes(asked)];

    /// <exception cref="ArgumentException">The name of the room can't travel.</exception>
    public static byte[] Question(NodeId node, ulong number, int maxCount, string room)
        => [.. Header(PresenceMessageKind.Question, node), .. Bytes(number), .. Bytes(maxCount), .. NameOf(room)];

    /// <summary>Changes that follow each other.</summary>
    /// <param name="node">Who says it.</param>
    /// <param name="first">The number of the first.</param>
    /// <param name="changes">The changes, written.</param>
    public static IEnumerable<byte[]> Changes(NodeId node, ulong first, byte[][] changes)
        => Parts(changes).Select(part => (byte[])[.. Header(PresenceMessageKind.Changes, node), .. Bytes(first + (ulong)part.Start), .. part.Bytes]);

    /// <summary>All members.</summary>
    /// <param name="node">Who says it.</param>
    /// <param name="number">How many changes this is after.</param>
    /// <param name="members">The changes by which they joined, written.</param>
    public static IEnumerable<byte[]> Pages(NodeId node, ulong number, byte[][] members)
        => Parts(members).Select((part, index) => (byte[])[.. Header(PresenceMessageKind.Page, node), .. Bytes(number), .. Bytes(index), Flag(part.IsLast), .. part.Bytes]);

    /// <summary>The answer to a question.</summary>
    /// <param name="node">Who answers.</param>
    /// <param name="question">The question.</param>
    /// <param name="count">How many there are in all.</param>
    /// <param name="members">Those that are named.</param>
    public static IEnumerable<byte[]> Answers(NodeId node, PresenceMessage.Question question, int count, IEnumerable<RoomMember> members)
        => Parts([.. members.Select(static member => Member(member, hasJoined: true))]).Select((part, index) => (byte[])
        [
            .. Header(PresenceMessageKind.Answer, node), .. Bytes(question.Number), .. Bytes(question.Node), .. Bytes(count), .. Bytes(index), Flag(part.IsLast), .. part.Bytes,
        ]);

    /// <summary>One change, without a message around it.</summary>
    /// <exception cref="ArgumentException">The name of the room can't travel.</exception>
    public static byte[] Change(string room, RoomMember member, bool hasJoined)
    {
        var name = NameOf(room);
        return [.. Bytes(name.Length), .. name, .. Member(member, hasJoined)];
    }

    private static byte[] NameOf(string room)
        => NameFormat.Encode(room) is { Length: <= PresenceReader.MaxTextSize } name
            ? name
            : throw new ArgumentException($"The name of a room whose members other nodes are told has {PresenceReader.MaxTextSize} bytes at most.", nameof(room));

    private static byte[] Member(RoomMember member, bool hasJoined)
    {
        // Of one that is too long nothing is told; and what is no text in it is replaced, for it is for people.
        var info = hasJoined && member.Info is { Length: <= PresenceReader.MaxTextSize } text && Encoding.UTF8.GetBytes(text) is { Length: <= PresenceReader.MaxTextSize } bytes ? bytes : null;
        var flags = (hasJoined ? PresenceReader.Joined : 0) | (info is null ? 0 : PresenceReader.HasInfo);
        return [(byte)flags, .. Bytes((ulong)member.ConnectionId), .. info is null ? [] : Bytes(info.Length), .. info ?? []];
    }

    /// <summary>Splits what was written into parts, of which there is at least one.</summary>
    private static IEnumerable<(int Start, byte[] Bytes, bool IsLast)> Parts(byte[][] written)
    {
        var start = 0;
        do
        {
            var (end, size) = (start, 0);
            while (end < written.Length && (end == start || size + written[end].Length <= PageSize))
                size += written[end++].Length;

            var bytes = new byte[size];
            var place = 0;
            foreach (var each in written.AsSpan(start..end))
            {
                each.CopyTo(bytes, place);
                place += each.Length;
            }

            yield return (start, bytes, end == written.Length);
            start = end;
        }
        while (start < written.Length);
    }

    private static byte[] Header(PresenceMessageKind kind, NodeId node) => [(byte)'R', (byte)'P', PresenceReader.Version, (byte)kind, .. Bytes(node)];

    private static byte Flag(bool flag) => flag ? (byte)1 : (byte)0;

    private static byte[] Bytes(NodeId node)
    {
        var bytes = new byte[NodeId.Length];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, node.Value);
        return bytes;
    }

    private static byte[] Bytes(ulong number)
    {
        var bytes = new byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, number);
        return bytes;
    }

    private static byte[] Bytes(int number)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }
}
