using System.Globalization;
using System.Text;

namespace RawWs.Redis.Resp;

/// <summary>Values as people read them.</summary>
internal static class RespText
{
    // What is put into a line of a log.
    private const int MaxLength = 4_096;

    public static void Append(StringBuilder text, RespValue value)
    {
        if (text.Length >= MaxLength)
            return;

        switch (value.Type)
        {
            case RespType.Null:
                text.Append("(null)");
                break;
            case RespType.Integer or RespType.Boolean or RespType.Double or RespType.BigNumber:
                text.Append(value.ToText());
                break;
            case RespType.Array or RespType.Map or RespType.Set or RespType.Push:
                text.Append(CultureInfo.InvariantCulture, $"{value.Type}[");
                foreach (var item in value.Items)
                {
                    Append(text, item);
                    text.Append(' ');
                }

                text.Append(']');
                break;
            default:
                text.Append(value.Type == RespType.Error ? "Error " : "").Append('"');
                Append(text, value.Bytes.Span);
                text.Append('"');
                break;
        }
    }

    private static void Append(StringBuilder text, ReadOnlySpan<byte> bytes)
    {
        foreach (var octet in bytes[..Math.Min(bytes.Length, MaxLength)])
        {
            if (octet is >= 0x20 and < 0x7F and not (byte)'"' and not (byte)'\\')
                text.Append((char)octet);
            else
                text.Append(CultureInfo.InvariantCulture, $"\\x{octet:x2}");
        }
    }
}
