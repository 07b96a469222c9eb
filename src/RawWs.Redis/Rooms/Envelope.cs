using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text.Unicode;

namespace RawWs.Redis.Rooms;

/// <summary>
/// A broadcast as it travels.
/// <code>
/// "RW" | version 1 | kind | node, 16 bytes | sequence, 8 bytes | what the kind has
/// kind 0, a marker: nothing. It only shows how far the node has counted.
/// kind 1, a broadcast: flags | key, if any | rooms | excepted rooms | payload, to the end
/// flags: 1 text, 2 not compressed, 4 a key; in the upper four bits the policy and 1, or 0 for none
/// key, and each name: length, 4 bytes | UTF-8          rooms: count, 4 bytes | names
/// </code>
/// All numbers are big-endian.
/// </summary>
internal readonly record struct Envelope(NodeId Node, ulong Sequence, RoomPublication? Publication)
{
    private const byte Version = 1, Marker = 0, Broadcast = 1;
    private const byte Text = 1, Uncompressed = 2, HasKey = 4;
    private const int PolicyShift = 4;
    private const int KindAt = 3, NodeAt = 4, SequenceAt = NodeAt + NodeId.Length, HeaderLength = SequenceAt + sizeof(ulong);

    /// <summary>Writes a broadcast, without its sequence number.</summary>
    public static byte[] Write(NodeId node, RoomPublication publication)
    {
        var payload = publication.Message.Payload.Span;
        var output = new ArrayBufferWriter<byte>(HeaderLength + 64 + payload.Length);
        WriteHeader(output, node, Broadcast);
        var options = publication.Options;
        var flags = (publication.Message.Type == MessageType.Text ? Text : 0)
            | (options.Uncompressed ? Uncompressed : 0)
            | (options.ConflationKey is null ? 0 : HasKey)
            | (options.Policy is { } policy ? ((int)policy + 1) << PolicyShift : 0);
        output.Write([(byte)flags]);
        if (options.ConflationKey is { } key)
            NameFormat.Write(output, key);

        WriteNames(output, publication.Rooms);
        WriteNames(output, publication.ExceptRooms);
        output.Write(payload);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Writes a marker, without its sequence number.</summary>
    public static byte[] WriteMarker(NodeId node)
    {
        var output = new ArrayBufferWriter<byte>(HeaderLength);
        WriteHeader(output, node, Marker);
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Whether what was written is a marker.</summary>
    public static bool IsMarker(ReadOnlySpan<byte> written) => written[KindAt] == Marker;

    /// <summary>Puts the sequence number into what was written.</summary>
    public static void SetSequence(Span<byte> written, ulong sequence) => BinaryPrimitives.WriteUInt64BigEndian(written[SequenceAt..], sequence);

    /// <summary>Reads what another node has written, or anybody else.</summary>
    /// <returns>Whether it is of this form.</returns>
    public static bool TryRead(ReadOnlySpan<byte> input, out Envelope envelope)
    {
        envelope = default;
        if (input.Length < HeaderLength || !input.StartsWith("RW"u8) || input[2] != Version || input[KindAt] is not (Marker or Broadcast))
            return false;

        var (kind, node) = (input[KindAt], new NodeId(BinaryPrimitives.ReadUInt128BigEndian(input[NodeAt..])));
        var sequence = BinaryPrimitives.ReadUInt64BigEndian(input[SequenceAt..]);
        var rest = input[HeaderLength..];
        RoomPublication? publication = null;
        if (kind == Marker ? !rest.IsEmpty : !TryReadBroadcast(rest, out publication))
            return false;

        envelope = new Envelope(node, sequence, publication);
        return true;
    }

    private static bool TryReadBroadcast(ReadOnlySpan<byte> input, [NotNullWhen(true)] out RoomPublication? publication)
    {
        publication = null;
        if (input.IsEmpty)
            return false;

        var flags = input[0];
        var policy = (flags >> PolicyShift) - 1;
        input = input[1..];
        string? key = null;
        if (policy > (int)SlowConsumerPolicy.Disconnect || (flags & 8) != 0 || ((flags & HasKey) != 0 && !NameFormat.TryRead(ref input, out key)))
            return false;

        var isText = (flags & Text) != 0;
        if (!TryReadNames(ref input, out var rooms) || !TryReadNames(ref input, out var exceptRooms) || (isText && !Utf8.IsValid(input)))
            return false;

        publication = new RoomPublication
        {
            Rooms = rooms,
            ExceptRooms = exceptRooms,
            Message = PreparedMessage.FromBytes(input, isText ? MessageType.Text : MessageType.Binary),
            Options = new SendOptions { ConflationKey = key, Uncompressed = (flags & Uncompressed) != 0, Policy = policy < 0 ? null : (SlowConsumerPolicy)policy },
        };
        return true;
    }

    private static bool TryReadNames(ref ReadOnlySpan<byte> input, out string[] names)
    {
        names = [];

        // Each name takes five bytes at least: nothing is reserved for what is merely announced.
        if (!NameFormat.TryReadNumber(ref input, out var count) || count > (uint)input.Length / (sizeof(int) + 1))
            return false;

        names = new string[count];
        for (var place = 0; place < names.Length; place++)
        {
            if (!NameFormat.TryRead(ref input, out var name) || name.Length == 0)
                return false;

            names[place] = name;
        }

        return true;
    }

    private static void WriteHeader(ArrayBufferWriter<byte> output, NodeId node, byte kind)
    {
        var header = output.GetSpan(HeaderLength);
        "RW"u8.CopyTo(header);
        (header[2], header[KindAt]) = (Version, kind);
        BinaryPrimitives.WriteUInt128BigEndian(header[NodeAt..], node.Value);
        SetSequence(header, 0);
        output.Advance(HeaderLength);
    }

    private static void WriteNames(ArrayBufferWriter<byte> output, IReadOnlyList<string> names)
    {
        NameFormat.WriteNumber(output, names.Count);
        foreach (var name in names)
            NameFormat.Write(output, name);
    }
}
