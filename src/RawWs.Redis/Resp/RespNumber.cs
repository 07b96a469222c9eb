using System.Buffers;
using System.Buffers.Text;
using System.Globalization;

namespace RawWs.Redis.Resp;

/// <summary>Reads the numbers of RESP, which have one form each.</summary>
internal static class RespNumber
{
    private static readonly SearchValues<byte> OfDoubles = SearchValues.Create("0123456789+-.eE"u8);

    /// <summary>The length of a bulk string or a collection, or -1 where RESP2 writes nothing so.</summary>
    public static long Length(ReadOnlySpan<byte> line, bool mayBeNull)
    {
        if (mayBeNull && line.SequenceEqual("-1"u8))
            return -1;

        var isRight = !line.IsEmpty && (line.Length == 1 || line[0] != '0') && !line.ContainsAnyExceptInRange((byte)'0', (byte)'9');
        return isRight && Utf8Parser.TryParse(line, out long length, out _) ? length : throw new RespProtocolException("a length is no number");
    }

    public static long Integer(ReadOnlySpan<byte> line)
        => Utf8Parser.TryParse(line, out long number, out var used) && used == line.Length ? number : throw new RespProtocolException("an integer is no number of 64 bits");

    public static double Double(ReadOnlySpan<byte> line)
    {
        if (line.SequenceEqual("inf"u8))
            return double.PositiveInfinity;

        if (line.SequenceEqual("-inf"u8))
            return double.NegativeInfinity;

        if (line.SequenceEqual("nan"u8) || line.SequenceEqual("-nan"u8))
            return double.NaN;

        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return !line.ContainsAnyExcept(OfDoubles) && double.TryParse(line, Style, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new RespProtocolException("a double is no number");
    }

    public static bool Boolean(ReadOnlySpan<byte> line) => line is [(byte)'t'] || (line is [(byte)'f'] ? false : throw new RespProtocolException("a Boolean is neither t nor f"));

    public static byte[] BigNumber(ReadOnlySpan<byte> line)
    {
        var digits = line is [(byte)'+' or (byte)'-', ..] ? line[1..] : line;
        return !digits.IsEmpty && !digits.ContainsAnyExceptInRange((byte)'0', (byte)'9') ? line.ToArray() : throw new RespProtocolException("a big number has other characters than digits");
    }
}
