using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO.Json;

/// <summary>How the values of events become JSON and back. Immutable and thread-safe.</summary>
internal sealed class ValueJson
{
    private readonly JsonSerializerOptions _options;
    private readonly JsonWriterOptions _writing;

    /// <param name="application">The application's options; null for camel case and reflection, where there is reflection.</param>
    /// <param name="maxDepth">Arrays and objects inside each other.</param>
    public ValueJson(JsonSerializerOptions? application, int maxDepth)
    {
        _options = application is null ? new JsonSerializerOptions(JsonSerializerDefaults.Web) : new JsonSerializerOptions(application);
        _options.MaxDepth = maxDepth;
        _options.Encoder ??= JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        _options.WriteIndented = false;

        // Before the application's: bytes have one form here. Numbers may be treated otherwise.
        _options.Converters.Insert(0, new BinaryConverter.OfReadOnlyMemory());
        _options.Converters.Insert(0, new BinaryConverter.OfMemory());
        _options.Converters.Insert(0, new BinaryConverter.OfArray());
        _options.Converters.Add(new NonFiniteConverter.OfDouble());
        _options.Converters.Add(new NonFiniteConverter.OfSingle());

        // What the application says comes first.
        _options.TypeInfoResolver = JsonTypeInfoResolver.Combine(application?.TypeInfoResolver, CommonTypes.Default, Reflection());
        _options.MakeReadOnly();
        _writing = new JsonWriterOptions { Encoder = _options.Encoder, MaxDepth = maxDepth, SkipValidation = true };
    }

    /// <summary>Encodes an event.</summary>
    /// <exception cref="NotSupportedException">Nobody knows how to write one of the values.</exception>
    public EncodedPacket EncodeEvent(string nsp, string eventName, ReadOnlySpan<object?> values, ulong? id = null) => Encode(PacketType.Event, nsp, id, eventName, values);

    /// <summary>Encodes an ack.</summary>
    /// <exception cref="NotSupportedException">Nobody knows how to write one of the values.</exception>
    public EncodedPacket EncodeAck(string nsp, ulong id, ReadOnlySpan<object?> values) => Encode(PacketType.Ack, nsp, id, null, values);

    /// <summary>Writes one value that has no attachments beside it.</summary>
    public byte[] Write(object? value)
    {
        var payload = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(payload, _writing))
        using (AttachmentScope.Collect([]))
            Write(writer, value);

        return payload.WrittenSpan.ToArray();
    }

    /// <summary>Reads a value.</summary>
    /// <exception cref="JsonException">It is none of that type.</exception>
    /// <exception cref="NotSupportedException">Nobody knows how to read that type.</exception>
    public T? Read<T>(ReadOnlyMemory<byte> json, IReadOnlyList<ReadOnlyMemory<byte>> attachments)
    {
        using (AttachmentScope.Give(attachments))
            return JsonSerializer.Deserialize(json.Span, (JsonTypeInfo<T>)_options.GetTypeInfo(typeof(T)));
    }

    /// <returns>Null where reflection is not to be had: then the application's options know the types.</returns>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Trimmed applications have no reflection by default, and are told of unknown types.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "As above.")]
    private static IJsonTypeInfoResolver? Reflection()
        => JsonSerializer.IsReflectionEnabledByDefault ? JsonSerializerOptions.Default.TypeInfoResolver : null;

    private EncodedPacket Encode(PacketType type, string nsp, ulong? id, string? eventName, ReadOnlySpan<object?> values)
    {
        var payload = new ArrayBufferWriter<byte>();
        var attachments = new List<ReadOnlyMemory<byte>>();
        using (var writer = new Utf8JsonWriter(payload, _writing))
        using (AttachmentScope.Collect(attachments))
        {
            writer.WriteStartArray();
            if (eventName is not null)
                writer.WriteStringValue(eventName);

            foreach (var value in values)
                Write(writer, value);

            writer.WriteEndArray();
        }

        return PacketWriter.Encode(type, nsp, id, payload.WrittenSpan, attachments);
    }

    private void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;

            case EventValue received:
                received.WriteTo(writer);
                break;

            default:
                JsonSerializer.Serialize(writer, value, _options.GetTypeInfo(value.GetType()));
                break;
        }
    }
}
