using System.Text.Json;
using RawWs.SocketIO;
using RawWs.SocketIO.Json;
using RawWs.SocketIO.Protocol;

namespace RawWs.Fuzz;

/// <summary>Socket.IO packets, in JSON and in MessagePack.</summary>
internal sealed class SocketIOPacketTarget : FuzzTarget
{
    private static readonly PacketLimits Limits = new();
    private static readonly ValueJson Json = new(null, Limits.MaxJsonDepth);

    public override string Name => "socketio-packet";

    public override string Description => "The decoders of Socket.IO: a packet or a refusal, and what an event carries is the same when it is sent on, in either form";

    public override IReadOnlyList<string> CorpusFolders => ["socketio"];

    public override InputGrammar Grammar { get; } = new PacketGrammar();

    public override ulong Run(byte[] input)
    {
        var behaviour = new Behaviour();
        foreach (var parser in (SocketIOParser[])[SocketIOParser.Json, SocketIOParser.MessagePack])
        {
            var decoder = parser.CreateDecoder(Limits);
            try
            {
                foreach (var (data, isBinary) in PacketMessages.Read(input))
                {
                    // Text has lost the digit of its Engine.IO type when it comes here.
                    var rest = isBinary || data.Length == 0 ? data : data[1..];
                    if (System.Text.Unicode.Utf8.IsValid(rest) || isBinary)
                        Note(decoder.Add(rest, isBinary), ref behaviour);
                }
            }
            catch (PacketException refusal)
            {
                behaviour.Add(refusal.Message.Length);
            }
        }

        return behaviour.Hash;
    }

    private static void Note(Packet? packet, ref Behaviour behaviour)
    {
        if (packet is null)
            return;

        behaviour.Add((int)packet.Type);
        behaviour.Add(packet.AttachmentCount);
        behaviour.AddLength(packet.Values.Count);
        FindingException.ThrowUnless(packet.Attachments.Count == packet.AttachmentCount, "a packet came without all of its attachments");
        if (packet.Type is not (PacketType.Event or PacketType.BinaryEvent) || packet.Payload.IsEmpty)
            return;

        object?[] values = [.. packet.Values.Select(value => (object?)new EventValue(value, packet.Attachments, Json))];
        EventPayload payload;
        try
        {
            payload = Json.WriteEvent(packet.EventName, values);
        }
        catch (InvalidOperationException)
        {
            // What looks like a placeholder and is none does not go beside binary values, and no string has half a surrogate pair beside them.
            return;
        }

        // What nothing refers to is not sent on: then there may be fewer.
        Compare(packet, payload, SocketIOParser.Json);
        Compare(packet, payload, SocketIOParser.MessagePack);
    }

    private static void Compare(Packet packet, EventPayload payload, SocketIOParser parser)
    {
        var encoded = parser.Encode(PacketType.Event, packet.Namespace, packet.Id, payload.Json.Span, payload.Attachments);
        var limits = Limits with { MaxAttachmentCount = int.MaxValue, MaxPacketSize = int.MaxValue };
        var decoder = parser.CreateDecoder(limits);
        var isText = encoded.First.Type == MessageType.Text;
        var again = decoder.Add(isText ? encoded.First.Payload[1..] : encoded.First.Payload, !isText);
        foreach (var attachment in encoded.Attachments)
            again = decoder.Add(attachment.Payload, isBinary: true);

        FindingException.ThrowUnless(again is not null, "what was sent on is not whole");
        var isSame = again!.Namespace == packet.Namespace && again.Id == packet.Id && again.Values.Count == packet.Values.Count && again.Attachments.Count == payload.Attachments.Count;
        FindingException.ThrowUnless(isSame, $"what was sent on is something else: {again} instead of {packet}");
        foreach (var (one, other) in packet.Values.Zip(again.Values))
            FindingException.ThrowUnless(KindOf(one) == KindOf(other) || !isText, "a value that was sent on is of another kind");
    }

    private static JsonValueKind KindOf(ReadOnlyMemory<byte> json)
    {
        var reader = new Utf8JsonReader(json.Span);
        return JsonElement.ParseValue(ref reader).ValueKind;
    }
}
