using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;

namespace RawWs.SocketIO.Protocol;

// Values as JSON has them: what is read from MessagePack goes on as if it had been.
internal ref partial struct MessagePackReader
{
    /// <summary>Writes the next value as JSON: bytes as placeholders, timestamps as ISO 8601, NaN and infinities as null.</summary>
    /// <param name="writer">Where it goes.</param>
    /// <param name="attachments">Where bytes go.</param>
    /// <param name="maxAttachmentCount">How many there may be.</param>
    /// <exception cref="PacketException">It is no MessagePack, too deep, has too many bytes beside it, or has no counterpart in JSON.</exception>
    public void ReadAsJson(Utf8JsonWriter writer, List<ReadOnlyMemory<byte>> attachments, int maxAttachmentCount)
    {
        var code = NextCode;
        switch (code)
        {
            case <= 0x7F or >= 0xCC and <= 0xCF:
                writer.WriteNumberValue(ReadUnsigned());
                break;

            case >= 0xE0:
                writer.WriteNumberValue((sbyte)Take(1)[0]);
                break;

            case >= 0xD0 and <= 0xD3:
                writer.WriteNumberValue(ReadSigned(code));
                break;

            case 0xCA or 0xCB:
                WriteFloat(writer, ReadFloat(code));
                break;

            case 0xC0:
                Take(1);
                writer.WriteNullValue();
                break;

            case 0xC2 or 0xC3:
                writer.WriteBooleanValue(Take(1)[0] == 0xC3);
                break;

            case >= 0xC4 and <= 0xC6:
                WriteAttachment(writer, attachments, maxAttachmentCount, ReadBinary());
                break;

            case 0xD4 when IsNothing:
                Take(3);
                writer.WriteNullValue();
                break;

            case >= 0xC7 and <= 0xC9 when IsExtension(code, 1 + (1 << (code - 0xC7)), NotepackType):
                WriteAttachment(writer, attachments, maxAttachmentCount, ReadExtensionBytes(code));
                break;

            case 0xC7 or 0xD6 or 0xD7:
                writer.WriteStringValue(ReadTime(code));
                break;

            default:
                ReadContainerOrString(writer, attachments, maxAttachmentCount);
                break;
        }
    }

    private void ReadContainerOrString(Utf8JsonWriter writer, List<ReadOnlyMemory<byte>> attachments, int maxAttachmentCount)
    {
        if (IsArray)
        {
            writer.WriteStartArray();
            for (var count = EnterArray(); count > 0; count--)
                ReadAsJson(writer, attachments, maxAttachmentCount);

            writer.WriteEndArray();
            _depth--;
        }
        else if (IsMap)
        {
            writer.WriteStartObject();
            for (var count = EnterMap(); count > 0; count--)
            {
                ReadName(writer);
                ReadAsJson(writer, attachments, maxAttachmentCount);
            }

            writer.WriteEndObject();
            _depth--;
        }
        else
        {
            writer.WriteStringValue(ReadUtf8());
        }
    }

    // Other languages have maps whose keys are no strings; in JSON, as in JavaScript, they become some.
    private void ReadName(Utf8JsonWriter writer)
    {
        var code = NextCode;
        switch (code)
        {
            case <= 0x7F or >= 0xCC and <= 0xCF:
                writer.WritePropertyName(ReadUnsigned().ToString(CultureInfo.InvariantCulture));
                break;

            case >= 0xE0:
                writer.WritePropertyName(((sbyte)Take(1)[0]).ToString(CultureInfo.InvariantCulture));
                break;

            case >= 0xD0 and <= 0xD3:
                writer.WritePropertyName(ReadSigned(code).ToString(CultureInfo.InvariantCulture));
                break;

            case 0xCA or 0xCB:
                writer.WritePropertyName(ReadFloat(code).ToString(CultureInfo.InvariantCulture));
                break;

            case 0xC0:
                Take(1);
                writer.WritePropertyName("null"u8);
                break;

            case 0xC2 or 0xC3:
                writer.WritePropertyName(Take(1)[0] == 0xC3 ? "true"u8 : "false"u8);
                break;

            default:
                writer.WritePropertyName(ReadUtf8());
                break;
        }
    }

    private static void WriteFloat(Utf8JsonWriter writer, double value)
    {
        if (!double.IsFinite(value))
            writer.WriteNullValue();
        else if (double.IsInteger(value) && Math.Abs(value) <= 1L << 53)
            writer.WriteNumberValue((long)value);
        else
            writer.WriteNumberValue(value);
    }

    private static void WriteAttachment(Utf8JsonWriter writer, List<ReadOnlyMemory<byte>> attachments, int maxAttachmentCount, ReadOnlySpan<byte> bytes)
    {
        if (attachments.Count == maxAttachmentCount)
            throw new PacketException("too many attachments");

        Placeholder.Write(writer, attachments.Count);
        attachments.Add(bytes.ToArray());
    }

    private ReadOnlySpan<byte> ReadExtensionBytes(byte code)
    {
        var length = ReadLength(code - 0xC7);
        Take(1);
        return Take(length);
    }

    // As JavaScript writes a date: to the millisecond.
    private string ReadTime(byte code)
    {
        var length = code switch { 0xD6 => 4u, 0xD7 => 8u, _ => ReadLength(0) };
        if (code != 0xC7)
            Take(1);

        var type = (sbyte)Take(1)[0];
        var bytes = Take(length);
        var milliseconds = type switch
        {
            NotepackType when length == 8 => BinaryPrimitives.ReadInt64BigEndian(bytes),
            TimestampType => MillisecondsOf(bytes),
            _ => throw new PacketException(Invalid),
        };
        return milliseconds >= DateTimeOffset.MinValue.ToUnixTimeMilliseconds() && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)
            : throw new PacketException(Invalid);
    }

    // The three forms of the timestamp extension of the MessagePack specification.
    private static long MillisecondsOf(ReadOnlySpan<byte> timestamp)
    {
        var (seconds, nanoseconds) = timestamp.Length switch
        {
            4 => (BinaryPrimitives.ReadUInt32BigEndian(timestamp), 0u),
            8 when BinaryPrimitives.ReadUInt64BigEndian(timestamp) is var packed => ((long)(packed & 0x3_FFFF_FFFF), (uint)(packed >> 34)),
            12 => (BinaryPrimitives.ReadInt64BigEndian(timestamp[4..]), BinaryPrimitives.ReadUInt32BigEndian(timestamp)),
            _ => throw new PacketException(Invalid),
        };
        return nanoseconds <= 999_999_999 && Math.Abs((double)seconds) < 1e15 ? (seconds * 1_000) + (nanoseconds / 1_000_000) : throw new PacketException(Invalid);
    }
}
