using System.Text.Json;
using System.Text.Json.Serialization;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO.Json;

/// <summary>Binary values travel beside the JSON, wherever they are in it; a placeholder stands for each.</summary>
internal static class BinaryConverter
{
    /// <summary>For <see cref="ReadOnlyMemory{T}"/>.</summary>
    internal sealed class OfReadOnlyMemory : JsonConverter<ReadOnlyMemory<byte>>
    {
        public override ReadOnlyMemory<byte> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => BinaryConverter.Read(ref reader);

        public override void Write(Utf8JsonWriter writer, ReadOnlyMemory<byte> value, JsonSerializerOptions options) => BinaryConverter.Write(writer, value);
    }

    /// <summary>For <see cref="Memory{T}"/>, which is a copy when it is read: the memory of a packet may have other readers.</summary>
    internal sealed class OfMemory : JsonConverter<Memory<byte>>
    {
        public override Memory<byte> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => BinaryConverter.Read(ref reader).ToArray();

        public override void Write(Utf8JsonWriter writer, Memory<byte> value, JsonSerializerOptions options) => BinaryConverter.Write(writer, value);
    }

    /// <summary>For arrays of bytes, copies as well.</summary>
    internal sealed class OfArray : JsonConverter<byte[]>
    {
        public override byte[] Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => BinaryConverter.Read(ref reader).ToArray();

        public override void Write(Utf8JsonWriter writer, byte[] value, JsonSerializerOptions options) => BinaryConverter.Write(writer, value);
    }

    /// <summary>Writes a placeholder, and puts the value beside the JSON.</summary>
    public static void Write(Utf8JsonWriter writer, ReadOnlyMemory<byte> value)
    {
        Placeholder.Write(writer, AttachmentScope.Collected.Count);
        AttachmentScope.Collected.Add(value);
    }

    private static ReadOnlyMemory<byte> Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("The value is not binary.");

        var placeholder = default(Placeholder);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            placeholder.Note(ref reader);
            reader.Skip();
        }

        return placeholder is { IsOne: true, Number: { } number } && number < AttachmentScope.Given.Count
            ? AttachmentScope.Given[(int)number]
            : throw new JsonException("The value is not binary.");
    }
}
