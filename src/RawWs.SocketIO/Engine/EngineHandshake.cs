using System.Buffers;
using System.Text.Json;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO.Engine;

/// <summary>The first packet of a session, with what the client has to know.</summary>
internal static class EngineHandshake
{
    /// <summary>Encodes it.</summary>
    /// <param name="id">The session's id.</param>
    /// <param name="options">Its times and limits.</param>
    /// <param name="mayUpgrade">Whether it begins on polling.</param>
    public static EncodedPacket Encode(string id, EngineOptions options, bool mayUpgrade)
    {
        var text = new ArrayBufferWriter<byte>();
        text.Write("0"u8);
        using (var writer = new Utf8JsonWriter(text))
        {
            writer.WriteStartObject();
            writer.WriteString("sid"u8, id);
            writer.WriteStartArray("upgrades"u8);
            if (mayUpgrade)
                writer.WriteStringValue("websocket"u8);

            writer.WriteEndArray();
            writer.WriteNumber("pingInterval"u8, (long)options.PingInterval.TotalMilliseconds);
            writer.WriteNumber("pingTimeout"u8, (long)options.PingTimeout.TotalMilliseconds);
            writer.WriteNumber("maxPayload"u8, options.MaxPayload);
            writer.WriteEndObject();
        }

        return new EncodedPacket(PreparedMessage.FromBytes(text.WrittenSpan, MessageType.Text), []);
    }
}
