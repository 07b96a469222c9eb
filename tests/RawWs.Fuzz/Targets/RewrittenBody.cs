using System.Text.Json;
using RawWs.Redis;
using RawWs.Redis.SocketIO;
using RawWs.SocketIO;
using RawWs.SocketIO.Protocol;

namespace RawWs.Fuzz;

/// <summary>One form of what servers say to each other: it is read, and written again.</summary>
/// <param name="nsp">The namespace that it is for.</param>
/// <param name="form">The form.</param>
internal sealed class RewrittenBody(SocketIONamespace nsp, RewrittenBody.Form form)
{
    private readonly AdapterReader _reader = new(nsp);

    public enum Form
    {
        Broadcast,
        Question,
        Sockets,
        Cluster,
        Entry,
        Session,
    }

    public static IReadOnlyList<Form> AllForms { get; } = Enum.GetValues<Form>();

    /// <summary>Checks that an input of this form stays what it is.</summary>
    /// <returns>Whether it is of this form.</returns>
    public bool Check(byte[] input)
    {
        ReadOnlyMemory<byte> first;
        try
        {
            if (TryRewrite(input) is not { } written)
                return false;

            first = written;
        }
        catch (Exception error) when (error is JsonException or PacketException or InvalidOperationException)
        {
            // It makes no sense, or has what looks like a placeholder and is none beside binary values: nobody writes such.
            return false;
        }

        // Numbers are what 64 bits hold of them after the first time, and infinite ones are gone after the second.
        var second = TryRewrite(first.Span) ?? throw new FindingException($"{form}: what was written can't be read");
        var third = TryRewrite(second.Span) ?? throw new FindingException($"{form}: what was written twice can't be read");
        FindingException.ThrowUnless(second.Span.SequenceEqual(third.Span), $"{form}: what was read is written as something else: {Convert.ToHexString(second.Span)}, then {Convert.ToHexString(third.Span)}");
        return true;
    }

    private ReadOnlyMemory<byte>? TryRewrite(ReadOnlySpan<byte> input) => form switch
    {
        Form.Session => SessionBody.Write(nsp, SessionBody.Read(nsp, _reader, input)),
        Form.Entry => TryRewriteEntry(input),
        Form.Cluster => TryReadCluster(_reader.Read(input)) is { } message ? ClusterBody.Write(message, "uid", nsp.Name) : (ReadOnlyMemory<byte>?)null,
        _ => TryRewriteRequest(_reader.Read(input)),
    };

    private ReadOnlyMemory<byte>? TryRewriteRequest(AdapterBody body)
    {
        var root = body.Root;
        switch (form)
        {
            case Form.Broadcast when root.ValueKind == JsonValueKind.Array && root.GetArrayLength() == 3 && _reader.TryReadPacket(body, root[1], "/", out var packet):
                return BroadcastBody.Write("uid", nsp.Name, packet.EventName, packet.Values, AdapterBody.OptionsOf(root[2]));

            case Form.Question when _reader.TryReadPacket(body, AdapterBody.Member(root, "packet"u8), "/", out var question):
                return BroadcastBody.WriteQuestion("uid", "request", nsp.Name, question.EventName, question.Values, AdapterBody.OptionsOf(AdapterBody.Member(root, "opts"u8)));

            case Form.Sockets when AdapterBody.Member(root, "sockets"u8) is { ValueKind: JsonValueKind.Array } sockets:
                return RequestBody.Sockets("request", [.. sockets.EnumerateArray().Select(socket => _reader.ReadSocket(body, socket)).OfType<RemoteSocket>()]);

            default:
                return null;
        }
    }

    // The form that an entry has in a stream: its data alone.
    private ReadOnlyMemory<byte>? TryRewriteEntry(ReadOnlySpan<byte> input)
    {
        var entry = new RedisStreamEntry("1-0", ["uid"u8.ToArray(), "uid"u8.ToArray(), "nsp"u8.ToArray(), "/"u8.ToArray(), "type"u8.ToArray(), "3"u8.ToArray(), "data"u8.ToArray(), input.ToArray()]);
        if (!StreamEntryBody.TryRead(entry, out var written))
            throw new FindingException("an entry with all of its fields is none");

        var body = written.ReadData(_reader);
        if (!_reader.TryReadPacket(body, AdapterBody.Member(body.Root, "packet"u8), nsp.Name, out var packet))
            return null;

        var fields = StreamEntryBody.Write(new BroadcastMessage(packet, AdapterBody.OptionsOf(AdapterBody.Member(body.Root, "opts"u8))), "uid", nsp.Name);
        return fields[^1].Bytes;
    }

    private ClusterMessage? TryReadCluster(AdapterBody body)
    {
        var data = AdapterBody.Member(body.Root, "data"u8);
        var requestId = AdapterBody.TextOf(AdapterBody.Member(data, "requestId"u8));
        var type = (ClusterMessageType?)AdapterBody.NumberOf(AdapterBody.Member(body.Root, "type"u8));
        switch (type)
        {
            case ClusterMessageType.Broadcast when _reader.TryReadPacket(body, AdapterBody.Member(data, "packet"u8), nsp.Name, out var packet):
                return new BroadcastMessage(packet, OptionsOf(data), requestId);

            case ClusterMessageType.SocketsJoin or ClusterMessageType.SocketsLeave:
                return new RoomsMessage(type.Value, OptionsOf(data), [.. AdapterBody.RoomsOf(AdapterBody.Member(data, "rooms"u8))]);

            case ClusterMessageType.FetchSockets when requestId is not null:
                return new FetchMessage(OptionsOf(data), requestId);

            case ClusterMessageType.ServerSideEmit:
                var (name, values) = body.EventOf(nsp, AdapterBody.Member(data, "packet"u8));
                return ReservedNames.Contains(name) ? null : new ServerSideMessage(nsp.CreatePacket(name, [.. values]), requestId);

            case ClusterMessageType.FetchSocketsResponse when requestId is not null && AdapterBody.Member(data, "sockets"u8) is { ValueKind: JsonValueKind.Array } sockets:
                return new SocketsAnswer(requestId, [.. sockets.EnumerateArray().Select(socket => _reader.ReadSocket(body, socket)).OfType<RemoteSocket>().Select(SocketDescription.Of)]);

            case ClusterMessageType.BroadcastAck or ClusterMessageType.ServerSideEmitResponse when requestId is not null:
                return new ValueAnswer(type.Value, requestId, body.AnswerOf(nsp, AdapterBody.Member(data, "packet"u8)));

            default:
                return null;
        }
    }

    private static BroadcastOptions OptionsOf(JsonElement data) => AdapterBody.OptionsOf(AdapterBody.Member(data, "opts"u8));
}
