using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Text.Unicode;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO.Json;

/// <summary>How the values of events become JSON and back. Immutable and thread-safe.</summary>
internal sealed class ValueJson
{
    private readonly JsonSerializerOptions _options;
    private readonly JsonWriterOptions _writing;

    // Strings are most of what is said: unless the application has a converter of its own for them, reader and writer do without the serializer.
    private readonly bool _hasPlainStrings;

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
        _hasPlainStrings = _options.GetTypeInfo(typeof(string)).Converter.GetType().Assembly == typeof(JsonSerializer).Assembly;
        _writing = new JsonWriterOptions { Encoder = _options.Encoder, MaxDepth = maxDepth, SkipValidation = true };
    }

    /// <summary>Writes the values of an event, its name first.</summary>
    /// <exception cref="NotSupportedException">Nobody knows how to write one of the values.</exception>
    public EventPayload WriteEvent(string eventName, ReadOnlySpan<object?> values)
    {
        using var buffer = WriteValues(eventName, values);
        return buffer.ToPayload();
    }

    /// <summary>Writes the values of an ack, which is encoded at once and by nobody else.</summary>
    /// <returns>What was written, to be disposed when it has been encoded.</returns>
    /// <exception cref="NotSupportedException">Nobody knows how to write one of the values.</exception>
    public PayloadBuffer WriteAck(ReadOnlySpan<object?> values) => WriteValues(null, values);

    /// <summary>A value as it would be received.</summary>
    /// <exception cref="NotSupportedException">Nobody knows how to write it.</exception>
    public EventValue ToValue(object? value)
    {
        if (value is EventValue already)
            return already;

        var json = new ArrayBufferWriter<byte>();
        var attachments = new List<ReadOnlyMemory<byte>>();
        using (var writer = new Utf8JsonWriter(json, _writing))
        using (AttachmentScope.Collect(attachments))
            Write(writer, value);

        return new EventValue(json.WrittenMemory, attachments, this);
    }

    /// <summary>Named values as one object.</summary>
    /// <exception cref="NotSupportedException">Nobody knows how to write one of them.</exception>
    public EventValue ToObject(IEnumerable<KeyValuePair<string, object?>> members)
    {
        var json = new ArrayBufferWriter<byte>();
        var attachments = new List<ReadOnlyMemory<byte>>();
        using (var writer = new Utf8JsonWriter(json, _writing))
        using (AttachmentScope.Collect(attachments))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in members)
            {
                writer.WritePropertyName(name);
                Write(writer, value);
            }

            writer.WriteEndObject();
        }

        return new EventValue(json.WrittenMemory, attachments, this);
    }

    /// <summary>A value that came from another server.</summary>
    /// <param name="json">UTF-8, which the value owns from now on.</param>
    /// <param name="attachments">What placeholders in it stand for.</param>
    /// <exception cref="JsonException">It is no JSON, or no UTF-8, too deep, or has a placeholder that stands for nothing.</exception>
    public EventValue FromJson(ReadOnlyMemory<byte> json, IReadOnlyList<ReadOnlyMemory<byte>> attachments)
    {
        // The reader lets strings be that are no UTF-8. Sent on in a text frame, they would end the connection of every client.
        if (!Utf8.IsValid(json.Span))
            throw new JsonException("The value is no UTF-8.");

        var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = _options.MaxDepth });
        JsonValues.CheckValue(ref reader, attachments.Count);
        return new EventValue(json, attachments, this);
    }

    /// <summary>The values of an array, each by itself.</summary>
    /// <param name="payload">The array, which we have written.</param>
    /// <param name="skip">How many are left out at its beginning.</param>
    public IReadOnlyList<EventValue> Split(EventPayload payload, int skip)
    {
        var values = new List<EventValue>();
        var reader = new Utf8JsonReader(payload.Json.Span, new JsonReaderOptions { MaxDepth = _options.MaxDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (skip-- <= 0)
                values.Add(new EventValue(payload.Json[start..(int)reader.BytesConsumed], payload.Attachments, this));
        }

        return values;
    }

    /// <summary>The same array with a string behind its values.</summary>
    /// <param name="payload">The array, which has at least one.</param>
    /// <param name="last">The string.</param>
    public EventPayload Append(EventPayload payload, string last)
    {
        var json = new ArrayBufferWriter<byte>(payload.Json.Length + last.Length + 8);
        json.Write(payload.Json.Span[..^1]);
        json.Write(","u8);
        using (var writer = new Utf8JsonWriter(json, _writing))
            writer.WriteStringValue(last);

        json.Write("]"u8);
        return new EventPayload(json.WrittenMemory, payload.Attachments);
    }

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
        if (typeof(T) == typeof(string) && _hasPlainStrings && TryReadPlainString(json.Span, out var text))
            return (T)(object)text;

        using (AttachmentScope.Give(attachments))
            return JsonSerializer.Deserialize(json.Span, (JsonTypeInfo<T>)_options.GetTypeInfo(typeof(T)));
    }

    // Anything but a string without escapes is the serializer's to read, or to refuse.
    private static bool TryReadPlainString(ReadOnlySpan<byte> json, [NotNullWhen(true)] out string? text)
    {
        var reader = new Utf8JsonReader(json);
        text = reader.Read() && reader.TokenType == JsonTokenType.String && !reader.ValueIsEscaped ? reader.GetString() : null;
        return text is not null;
    }

    /// <returns>Null where reflection is not to be had: then the application's options know the types.</returns>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Trimmed applications have no reflection by default, and are told of unknown types.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "As above.")]
    private static IJsonTypeInfoResolver? Reflection()
        => JsonSerializer.IsReflectionEnabledByDefault ? JsonSerializerOptions.Default.TypeInfoResolver : null;

    private PayloadBuffer WriteValues(string? eventName, ReadOnlySpan<object?> values)
    {
        var buffer = PayloadBuffer.Take(this, _writing);
        var writer = buffer.Writer;
        using (AttachmentScope.Collect(buffer.Attachments))
        {
            writer.WriteStartArray();
            if (eventName is not null)
                writer.WriteStringValue(eventName);

            foreach (var value in values)
                Write(writer, value);

            writer.WriteEndArray();
        }

        writer.Flush();
        ThrowIfForged(buffer.Json.WrittenSpan, buffer.Attachments.Count);
        return buffer;
    }

    // What one client has sent may be sent on to others, beside binary values that make placeholders of what only looks like one: those would close their connections.
    private void ThrowIfForged(ReadOnlySpan<byte> json, int attachmentCount)
    {
        if (attachmentCount == 0)
            return;

        var count = 0;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = _options.MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals("_placeholder"u8) && reader.Read() && reader.TokenType == JsonTokenType.True)
                count++;
        }

        if (count != attachmentCount)
            throw new InvalidOperationException("A value looks like the placeholder of a binary one, and can't be sent beside binary values.");
    }

    private void Write(Utf8JsonWriter writer, object? value)
    {
        switch (value)
        {
            case null:
                writer.WriteNullValue();
                break;

            case string text when _hasPlainStrings:
                writer.WriteStringValue(text);
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
