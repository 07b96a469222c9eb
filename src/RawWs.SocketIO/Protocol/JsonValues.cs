using System.Text.Json;

namespace RawWs.SocketIO.Protocol;

/// <summary>Takes a payload apart into its values, which stay JSON until somebody says what they are.</summary>
internal static class JsonValues
{
    /// <summary>A reader over a payload, to its end, as deep as is allowed.</summary>
    public static Utf8JsonReader ReaderOf(ReadOnlyMemory<byte> payload, PacketLimits limits)
        => new(payload.Span, new JsonReaderOptions { MaxDepth = limits.MaxJsonDepth });

    /// <summary>The values of an array, each as it stands there. In a packet with attachments every placeholder names one of them.</summary>
    /// <exception cref="JsonException">It is no JSON, or too deep.</exception>
    /// <exception cref="PacketException">It is no array, has too many values, or a placeholder that names no attachment.</exception>
    public static List<ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> payload, int attachmentCount, PacketLimits limits)
    {
        var values = new List<ReadOnlyMemory<byte>>();
        var reader = ReaderOf(payload, limits);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            throw new PacketException("invalid payload");

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (values.Count == PacketLimits.MaxValueCount)
                throw new PacketException("the packet has too many values");

            var start = (int)reader.TokenStartIndex;
            if (attachmentCount == 0)
                reader.Skip();
            else
                SkipAndCheck(ref reader, attachmentCount);

            values.Add(payload[start..(int)reader.BytesConsumed]);
        }

        // There is nothing behind the array; otherwise this throws.
        reader.Read();
        return values;
    }

    /// <summary>Reads one value to the end of what there is.</summary>
    /// <param name="reader">Before the value.</param>
    /// <param name="attachmentCount">How many attachments placeholders may name; with none there are no placeholders.</param>
    /// <exception cref="JsonException">It is no value, or not the only one, or too deep, or a placeholder names no attachment.</exception>
    public static void CheckValue(ref Utf8JsonReader reader, int attachmentCount)
    {
        try
        {
            reader.Read();
            if (attachmentCount == 0)
                reader.Skip();
            else
                SkipAndCheck(ref reader, attachmentCount);

            reader.Read();
        }
        catch (PacketException error)
        {
            throw new JsonException(error.Message, error);
        }
    }

    // As deep as the reader allows, and no deeper.
    private static void SkipAndCheck(ref Utf8JsonReader reader, int attachmentCount)
    {
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                SkipAndCheck(ref reader, attachmentCount);
        }
        else if (reader.TokenType == JsonTokenType.StartObject)
        {
            var placeholder = default(Placeholder);
            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                placeholder.Note(ref reader);
                SkipAndCheck(ref reader, attachmentCount);
            }

            // A missing number is not less than anything.
            if (placeholder.IsOne && !(placeholder.Number < attachmentCount))
                throw new PacketException("illegal attachments");
        }
    }
}
