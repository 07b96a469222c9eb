using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using RawWs.SocketIO;

namespace RawWs.Redis.SocketIO;

/// <summary>Writes a body as JSON. There are no binary values in it.</summary>
internal sealed class JsonBodyWriter : IBodyWriter, IDisposable
{
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly Utf8JsonWriter _json;

    public JsonBodyWriter() => _json = new Utf8JsonWriter(_output, Writing);

    /// <summary>What has been written.</summary>
    public ReadOnlyMemory<byte> Written
    {
        get
        {
            _json.Flush();
            return _output.WrittenMemory;
        }
    }

    /// <inheritdoc/>
    public void BeginObject(int memberCount) => _json.WriteStartObject();

    /// <inheritdoc/>
    public void EndObject() => _json.WriteEndObject();

    /// <inheritdoc/>
    public void BeginList(int itemCount) => _json.WriteStartArray();

    /// <inheritdoc/>
    public void EndList() => _json.WriteEndArray();

    /// <inheritdoc/>
    public void WriteName(string name) => _json.WritePropertyName(name);

    /// <inheritdoc/>
    public void WriteText(string text) => _json.WriteStringValue(text);

    /// <inheritdoc/>
    public void WriteNumber(long number) => _json.WriteNumberValue(number);

    /// <inheritdoc/>
    public void WriteBoolean(bool value) => _json.WriteBooleanValue(value);

    /// <inheritdoc/>
    public void WriteValue(EventValue? value)
    {
        if (value is null)
            _json.WriteNullValue();
        else
            _json.WriteRawValue(value.Utf8Json.Span, skipInputValidation: true);
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();
}
