using System.Buffers;
using System.Text.Json;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO.Engine;

/// <summary>What a session begins with: a packet with what the client has to know, and what the application sends behind it.</summary>
internal static class EngineHandshake
{
    /// <summary>Encodes it.</summary>
    /// <returns>One packet, or two.</returns>
    /// <param name="id">The session's id.</param>
    /// <param name="options">Its times and limits.</param>
    /// <param name="mayUpgrade">Whether it may change to a WebSocket.</param>
    public static IReadOnlyList<EncodedPacket> Encode(string id, EngineOptions options, bool mayUpgrade)
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

        var open = new EncodedPacket(PreparedMessage.FromBytes(text.WrittenSpan, MessageType.Text), []);
        return options.InitialPacket is { } initial ? [open, initial] : [open];
    }
}
