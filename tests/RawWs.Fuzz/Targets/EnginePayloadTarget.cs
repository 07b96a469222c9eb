using System.Text;
using System.Text.Unicode;
using RawWs.SocketIO.Engine;
using RawWs.SocketIO.Protocol;

namespace RawWs.Fuzz;

/// <summary>Polling bodies of Engine.IO, of protocol 4 and both forms of protocol 3, and the forms that pages post.</summary>
internal sealed class EnginePayloadTarget : FuzzTarget
{
    // Of long bodies the beginning says enough to tell them apart.
    private const int NotedCount = 4;

    public override string Name => "engineio-payload";

    public override string Description => "The polling bodies of Engine.IO: packets or a refusal, no more in them than came, and messages are the same when they are sent back";

    public override IReadOnlyList<string> CorpusFolders => ["engineio"];

    public override InputGrammar Grammar { get; } = new PayloadGrammar();

    public override ulong Run(byte[] input)
    {
        var behaviour = new Behaviour();
        Check(input, new PacketFormat(IsLegacy: false, TakesBinary: true), isBinary: false, ref behaviour);
        Check(input, new PacketFormat(IsLegacy: true, TakesBinary: false), isBinary: false, ref behaviour);
        Check(input, new PacketFormat(IsLegacy: true, TakesBinary: true), isBinary: true, ref behaviour);
        if (Form(input) is { } form)
        {
            FindingException.ThrowUnless(form.Length <= input.Length, "a form has more in it than came");
            Check(form, new PacketFormat(IsLegacy: true, TakesBinary: false), isBinary: false, ref behaviour);
        }

        return behaviour.Hash;
    }

    private static void Check(ReadOnlyMemory<byte> body, PacketFormat format, bool isBinary, ref Behaviour behaviour)
    {
        var packets = Read(body, format, isBinary, ref behaviour);
        var messages = packets.Where(packet => packet.Type == EnginePacketType.Message).ToArray();
        if (messages.Length == 0)
            return;

        foreach (var message in messages)
        {
            FindingException.ThrowUnless(message.Data.Length <= body.Length, "a packet has more in it than came");
            FindingException.ThrowUnless(message.IsBinary || Utf8.IsValid(message.Data.Span), "text is not valid UTF-8");
        }

        var encoded = PollingPayload.Encode([.. messages.Select(ToPacket)], format);
        var again = Read(encoded.Bytes, format, encoded.IsBinary, ref behaviour).Where(packet => packet.IsBinary || packet.Data.Length > 0).ToArray();
        var expected = messages.Where(packet => packet.IsBinary || packet.Data.Length > 0).ToArray();
        FindingException.ThrowUnless(again.Length == expected.Length, $"{again.Length} messages came back of {expected.Length}");
        foreach (var (one, other) in expected.Zip(again))
            FindingException.ThrowUnless(one.IsBinary == other.IsBinary && one.Data.Span.SequenceEqual(other.Data.Span), "a message came back as another");
    }

    // What comes before a refusal counts, as it does for a session.
    private static List<EnginePacket> Read(ReadOnlyMemory<byte> bytes, PacketFormat format, bool isBinary, ref Behaviour behaviour)
    {
        var packets = new List<EnginePacket>();
        ReadOnlyMemory<byte>? body = bytes;
        try
        {
            while (body is { } rest)
            {
                var packet = PollingPayload.ReadFirst(ref body, format, isBinary);
                FindingException.ThrowUnless(body is null || body.Value.Length < rest.Length, "the body gets no shorter");
                packets.Add(packet);
                if (packets.Count > NotedCount)
                    continue;

                behaviour.Add((int)packet.Type);
                behaviour.AddLength(packet.Data.Length);
            }
        }
        catch (PacketException refusal)
        {
            behaviour.Add(refusal.Message.Length);
        }

        return packets;
    }

    // Bytes go only behind a text, as attachments do: an empty one, which is left out of the comparison.
    private static EncodedPacket ToPacket(EnginePacket message) => message.IsBinary
        ? new EncodedPacket(PreparedMessage.FromText("4"), [PreparedMessage.FromBytes(message.Data.Span)])
        : new EncodedPacket(PreparedMessage.FromText("4" + Encoding.UTF8.GetString(message.Data.Span)), []);

    private static ReadOnlyMemory<byte>? Form(byte[] input)
    {
        try
        {
            return Jsonp.ReadForm(input);
        }
        catch (PacketException)
        {
            // It has no data.
            return null;
        }
    }
}
