using System.Text.Json;

namespace RawWs.SocketIO.Protocol;

/// <summary>What stands in JSON where an attachment belongs: <c>{"_placeholder":true,"num":0}</c>, with its members in any order.</summary>
internal struct Placeholder
{
    /// <summary>Whether <c>_placeholder</c> is true.</summary>
    public bool IsOne { get; private set; }

    /// <summary>Which attachment; null if <c>num</c> is missing or no whole number from 0.</summary>
    public uint? Number { get; private set; }

    /// <summary>Writes the placeholder of an attachment.</summary>
    public static void Write(Utf8JsonWriter writer, int number)
    {
        writer.WriteStartObject();
        writer.WriteBoolean("_placeholder"u8, true);
        writer.WriteNumber("num"u8, number);
        writer.WriteEndObject();
    }

    /// <summary>Takes notice of a member of an object; of several with one name the last counts, as in JavaScript.</summary>
    /// <param name="reader">On the member's name; on its value afterwards.</param>
    public void Note(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("_placeholder"u8))
        {
            reader.Read();
            IsOne = reader.TokenType == JsonTokenType.True;
        }
        else if (reader.ValueTextEquals("num"u8))
        {
            reader.Read();
            Number = reader.TokenType == JsonTokenType.Number && reader.TryGetUInt32(out var number) ? number : null;
        }
        else
        {
            reader.Read();
        }
    }
}
