using System.Text;
using System.Text.Json;
using RawWs.SocketIO.Json;

namespace RawWs.SocketIO;

/// <summary>A value of an event or an ack as it was received: JSON that is looked at when somebody says what it is, with the binary values in it.</summary>
/// <remarks>Immutable and thread-safe, and owns its memory. It may be sent on as a value itself, binary values included.</remarks>
public sealed class EventValue
{
    private readonly ReadOnlyMemory<byte> _json;
    private readonly IReadOnlyList<ReadOnlyMemory<byte>> _attachments;
    private readonly ValueJson _settings;

    internal EventValue(ReadOnlyMemory<byte> json, IReadOnlyList<ReadOnlyMemory<byte>> attachments, ValueJson settings)
        => (_json, _attachments, _settings) = (json, attachments, settings);

    /// <summary>The value as it came over the wire, or would go there: UTF-8, with a placeholder for each binary value.</summary>
    public ReadOnlyMemory<byte> Utf8Json => _json;

    /// <summary>What the placeholders stand for. There may be more than this value names: they are those of its packet.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Attachments => _attachments;

    /// <summary>The value as JSON. A binary value in it is a placeholder, <c>{"_placeholder":true,"num":0}</c>.</summary>
    public JsonElement Json => Get<JsonElement>();

    /// <summary>
    /// The value as <typeparamref name="T"/>: whatever System.Text.Json reads with the server's options, and <c>byte[]</c> or <see cref="ReadOnlyMemory{T}"/>
    /// of bytes for binary values, also inside of others.
    /// </summary>
    /// <exception cref="JsonException">The value is none of that type.</exception>
    /// <exception cref="NotSupportedException">The type is unknown to the server's JSON options, and there is no reflection.</exception>
    public T? Get<T>() => _settings.Read<T>(_json, _attachments);

    /// <summary>The value as it came over the wire.</summary>
    public override string ToString() => Encoding.UTF8.GetString(_json.Span);

    /// <summary>The members of an object whose names are text, each with its value; nothing of anything else.</summary>
    internal IEnumerable<(string Name, EventValue Value)> Members()
    {
        if (Json is not { ValueKind: JsonValueKind.Object } json)
            yield break;

        foreach (var member in json.EnumerateObject())
        {
            if (JsonText.NameOf(member) is { } name)
                yield return (name, new EventValue(Encoding.UTF8.GetBytes(member.Value.GetRawText()), _attachments, _settings));
        }
    }

    /// <summary>Writes the value into another packet, whose attachments have numbers of their own.</summary>
    internal void WriteTo(Utf8JsonWriter writer)
    {
        if (_attachments.Count == 0)
            writer.WriteRawValue(_json.Span, skipInputValidation: true);
        else
            WriteTo(writer, Json);
    }

    private void WriteTo(Utf8JsonWriter writer, JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object when IsPlaceholder(element):
                BinaryConverter.Write(writer, _attachments[element.GetProperty("num"u8).GetInt32()]);
                break;

            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in element.EnumerateObject())
                {
                    writer.WritePropertyName(member.Name);
                    WriteTo(writer, member.Value);
                }

                writer.WriteEndObject();
                break;

            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in element.EnumerateArray())
                    WriteTo(writer, item);

                writer.WriteEndArray();
                break;

            default:
                element.WriteTo(writer);
                break;
        }
    }

    // That each names an attachment was seen to when the packet came; of several members with one name the last counts there and here.
    private static bool IsPlaceholder(JsonElement element)
        => element.TryGetProperty("_placeholder"u8, out var mark) && mark.ValueKind == JsonValueKind.True;
}
