using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace RawWs.SocketIO.Protocol;

/// <summary>Writes MessagePack as Node's packages do: each value in its smallest form, whole numbers as integers, other numbers as 64-bit floats.</summary>
/// <param name="output">Where it goes.</param>
internal readonly ref struct MessagePackWriter(ArrayBufferWriter<byte> output)
{
    private readonly ArrayBufferWriter<byte> _output = output;

    /// <summary>Begins an array; its items follow.</summary>
    public void WriteArrayHeader(int count) => WriteHeader(count, 0x90, 15, 0xDC);

    /// <summary>Begins a map; its keys and values follow.</summary>
    public void WriteMapHeader(int count) => WriteHeader(count, 0x80, 15, 0xDE);

    /// <summary>Writes nil.</summary>
    public void WriteNil() => WriteByte(0xC0);

    /// <summary>Writes a truth value.</summary>
    public void WriteBoolean(bool value) => WriteByte(value ? (byte)0xC3 : (byte)0xC2);

    /// <summary>Writes a whole number.</summary>
    public void WriteInteger(long value)
    {
        if (value >= 0)
            WriteInteger((ulong)value);
        else if (value >= -32)
            WriteByte((byte)value);
        else if (value >= sbyte.MinValue)
            Write(0xD0, (byte)value);
        else if (value >= short.MinValue)
            BinaryPrimitives.WriteInt16BigEndian(Begin(0xD1, sizeof(short)), (short)value);
        else if (value >= int.MinValue)
            BinaryPrimitives.WriteInt32BigEndian(Begin(0xD2, sizeof(int)), (int)value);
        else
            BinaryPrimitives.WriteInt64BigEndian(Begin(0xD3, sizeof(long)), value);
    }

    /// <summary>Writes a whole number.</summary>
    public void WriteInteger(ulong value)
    {
        if (value <= 0x7F)
            WriteByte((byte)value);
        else if (value <= byte.MaxValue)
            Write(0xCC, (byte)value);
        else if (value <= ushort.MaxValue)
            BinaryPrimitives.WriteUInt16BigEndian(Begin(0xCD, sizeof(ushort)), (ushort)value);
        else if (value <= uint.MaxValue)
            BinaryPrimitives.WriteUInt32BigEndian(Begin(0xCE, sizeof(uint)), (uint)value);
        else
            BinaryPrimitives.WriteUInt64BigEndian(Begin(0xCF, sizeof(ulong)), value);
    }

    /// <summary>Writes any number.</summary>
    public void WriteDouble(double value) => BinaryPrimitives.WriteDoubleBigEndian(Begin(0xCB, sizeof(double)), value);

    /// <summary>Writes a string.</summary>
    public void WriteString(string value) => WriteString(Encoding.UTF8.GetBytes(value));

    /// <summary>Writes a string.</summary>
    /// <param name="utf8">Valid UTF-8.</param>
    public void WriteString(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length <= 31)
            WriteByte((byte)(0xA0 | utf8.Length));
        else
            WriteLength(utf8.Length, 0xD9);

        _output.Write(utf8);
    }

    /// <summary>Writes bytes.</summary>
    public void WriteBinary(ReadOnlySpan<byte> bytes)
    {
        WriteLength(bytes.Length, 0xC4);
        _output.Write(bytes);
    }

    /// <summary>Writes a JSON value, and bytes where it has placeholders.</summary>
    /// <param name="value">The value.</param>
    /// <param name="attachments">What the placeholders stand for; empty if an object that looks like one is none.</param>
    /// <exception cref="PacketException">A placeholder names no attachment.</exception>
    public void WriteJson(JsonElement value, IReadOnlyList<ReadOnlyMemory<byte>> attachments)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object when attachments.Count > 0 && value.TryGetProperty("_placeholder"u8, out var mark) && mark.ValueKind == JsonValueKind.True:
                WriteBinary(AttachmentOf(value, attachments).Span);
                break;

            case JsonValueKind.Object:
                WriteMapHeader(value.GetPropertyCount());
                foreach (var member in value.EnumerateObject())
                {
                    WriteJsonString(JsonMarshal.GetRawUtf8PropertyName(member));
                    WriteJson(member.Value, attachments);
                }

                break;

            case JsonValueKind.Array:
                WriteArrayHeader(value.GetArrayLength());
                foreach (var item in value.EnumerateArray())
                    WriteJson(item, attachments);

                break;

            case JsonValueKind.String:
                WriteJsonString(JsonMarshal.GetRawUtf8Value(value)[1..^1]);
                break;

            case JsonValueKind.Number:
                WriteNumber(value);
                break;

            case JsonValueKind.True or JsonValueKind.False:
                WriteBoolean(value.GetBoolean());
                break;

            default:
                WriteNil();
                break;
        }
    }

    private static ReadOnlyMemory<byte> AttachmentOf(JsonElement placeholder, IReadOnlyList<ReadOnlyMemory<byte>> attachments)
        => placeholder.TryGetProperty("num"u8, out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var index)
            && index >= 0 && index < attachments.Count
            ? attachments[index]
            : throw new PacketException("illegal attachments");

    // JSON may have half a surrogate pair in a string, which UTF-8 has no word for: it becomes U+FFFD.
    private void WriteJsonString(ReadOnlySpan<byte> escaped)
    {
        if (!escaped.Contains((byte)'\\'))
        {
            WriteString(escaped);
            return;
        }

        var text = new StringBuilder(escaped.Length);
        while (escaped.IndexOf((byte)'\\') is >= 0 and var position)
        {
            text.Append(Encoding.UTF8.GetString(escaped[..position]));
            var isCode = escaped[position + 1] == (byte)'u';
            text.Append(isCode ? (char)ushort.Parse(escaped.Slice(position + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : Unescape(escaped[position + 1]));
            escaped = escaped[(position + (isCode ? 6 : 2))..];
        }

        WriteString(text.Append(Encoding.UTF8.GetString(escaped)).ToString());
    }

    private static char Unescape(byte escape) => escape switch
    {
        (byte)'b' => '\b',
        (byte)'f' => '\f',
        (byte)'n' => '\n',
        (byte)'r' => '\r',
        (byte)'t' => '\t',
        _ => (char)escape,
    };

    private void WriteNumber(JsonElement value)
    {
        if (value.TryGetInt64(out var integer))
            WriteInteger(integer);
        else if (value.TryGetUInt64(out var unsigned))
            WriteInteger(unsigned);
        else
            WriteDouble(value.GetDouble());
    }

    // Arrays and maps have no form with 8 bits.
    private void WriteHeader(int count, byte fix, int maxFix, byte code)
    {
        if (count <= maxFix)
            WriteByte((byte)(fix | count));
        else if (count <= ushort.MaxValue)
            BinaryPrimitives.WriteUInt16BigEndian(Begin(code, sizeof(ushort)), (ushort)count);
        else
            BinaryPrimitives.WriteUInt32BigEndian(Begin((byte)(code + 1), sizeof(uint)), (uint)count);
    }

    private void WriteLength(int length, byte code)
    {
        if (length <= byte.MaxValue)
            Write(code, (byte)length);
        else if (length <= ushort.MaxValue)
            BinaryPrimitives.WriteUInt16BigEndian(Begin((byte)(code + 1), sizeof(ushort)), (ushort)length);
        else
            BinaryPrimitives.WriteUInt32BigEndian(Begin((byte)(code + 2), sizeof(uint)), (uint)length);
    }

    private Span<byte> Begin(byte code, int length)
    {
        var span = _output.GetSpan(1 + length);
        span[0] = code;
        _output.Advance(1 + length);
        return span.Slice(1, length);
    }

    private void Write(byte code, byte value) => Begin(code, 1)[0] = value;

    private void WriteByte(byte value) => Begin(value, 0);
}
