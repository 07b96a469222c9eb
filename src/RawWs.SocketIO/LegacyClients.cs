using System.Buffers;
using System.Net;
using System.Text.Json;
using RawWs.SocketIO.Engine;
using RawWs.SocketIO.Json;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO;

/// <summary>How clients of version 2 (protocol 4 of Socket.IO, over protocol 3 of Engine.IO) join namespaces, which is all that is different about them.</summary>
internal static class LegacyClients
{
    /// <summary>What puts a client into the main namespace: nobody asks it.</summary>
    public static readonly Packet Arrival = new() { Type = PacketType.Connect };

    /// <summary>Takes the query off the name of a namespace: it is what later versions say as <c>auth</c>. Of its parameters as many are read as an event may have values.</summary>
    /// <param name="packet">A connect packet, for example <c>0/admin?x=1</c>.</param>
    public static (string Namespace, JsonElement Auth) Read(Packet packet)
    {
        var mark = packet.Namespace.IndexOf('?', StringComparison.Ordinal);
        if (mark < 0)
            return (packet.Namespace, default);

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in packet.Namespace[(mark + 1)..].Split('&', PacketLimits.MaxValueCount + 1, StringSplitOptions.RemoveEmptyEntries).Take(PacketLimits.MaxValueCount))
        {
            var parts = pair.Split('=', 2);
            values[WebUtility.UrlDecode(parts[0])] = parts.Length == 2 ? WebUtility.UrlDecode(parts[1]) : "";
        }

        return (packet.Namespace[..mark], ToJson(values));
    }

    /// <summary>The id of a socket, which such a client knows without being told.</summary>
    public static string SocketIdFor(EngineSession session, string nsp) => nsp == Packet.MainNamespace ? session.Id : $"{nsp}#{session.Id}";

    /// <summary>What such a client is told when it is refused: the details, or the message where there are none.</summary>
    public static byte[] WriteRefusal(ValueJson json, ConnectErrorException error) => json.Write(error.Details ?? error.Message);

    private static JsonElement ToJson(Dictionary<string, string> values)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in values)
                writer.WriteString(name, value);

            writer.WriteEndObject();
        }

        var reader = new Utf8JsonReader(buffer.WrittenSpan);
        return JsonElement.ParseValue(ref reader);
    }
}
