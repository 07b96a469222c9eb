using System.Buffers;
using System.Text.Json;

namespace RawWs.SocketIO.Engine;

/// <summary>The body of a refusal: <c>{"code":1,"message":"Session ID unknown"}</c>.</summary>
internal static class EngineErrorJson
{
    /// <summary>Encodes it.</summary>
    public static ReadOnlyMemory<byte> Write(EngineError error)
    {
        var body = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(body);
        writer.WriteStartObject();
        writer.WriteNumber("code"u8, error.Code);
        writer.WriteString("message"u8, error.Message);
        writer.WriteEndObject();
        writer.Flush();
        return body.WrittenMemory;
    }
}
