using System.Buffers.Text;
using System.Globalization;
using System.Text;
using RawWs.Redis.Resp;

namespace RawWs.Redis;

/// <summary>What Redis answers: a value of RESP2 or RESP3. Attributes are read, and dropped.</summary>
/// <remarks>Immutable and thread-safe; it owns what it holds. The default value is null.</remarks>
public readonly struct RespValue
{
    // Bytes of texts and errors; the items of collections.
    private readonly object? _content;
    private readonly long _number;

    private RespValue(RespType type, object? content, long number = 0) => (Type, _content, _number) = (type, content, number);

    /// <summary>Nothing.</summary>
    public static RespValue Null => default;

    /// <summary>What it is.</summary>
    public RespType Type { get; }

    /// <summary>Whether it is nothing.</summary>
    public bool IsNull => Type == RespType.Null;

    /// <summary>The values of an array, a set or a push message, and the keys and values of a map one after the other. Empty for everything else.</summary>
    public IReadOnlyList<RespValue> Items => _content as RespValue[] ?? [];

    /// <summary>The bytes of a string, an error or a big number. Empty for everything else.</summary>
    public ReadOnlyMemory<byte> Bytes => _content as byte[] ?? [];

    /// <summary>Bytes.</summary>
    public static RespValue FromBytes(ReadOnlySpan<byte> bytes) => new(RespType.BulkString, bytes.ToArray());

    /// <summary>A text, in UTF-8.</summary>
    public static RespValue FromText(string text) => new(RespType.BulkString, Encoding.UTF8.GetBytes(text));

    /// <summary>A whole number.</summary>
    public static RespValue FromInteger(long number) => new(RespType.Integer, null, number);

    /// <summary>Values in order.</summary>
    public static RespValue FromItems(params ReadOnlySpan<RespValue> items) => new(RespType.Array, items.ToArray());

    /// <summary>The text of a string, an error or a big number, what is no UTF-8 as U+FFFD; a number as it is written; null for nothing.</summary>
    /// <exception cref="InvalidOperationException">It is a collection.</exception>
    public string? ToText() => Type switch
    {
        RespType.Null => null,
        RespType.Integer => _number.ToString(CultureInfo.InvariantCulture),
        RespType.Boolean => _number != 0 ? "true" : "false",
        RespType.Double => BitConverter.Int64BitsToDouble(_number).ToString("R", CultureInfo.InvariantCulture),
        _ => _content is byte[] bytes ? Encoding.UTF8.GetString(bytes) : throw Mismatch("text"),
    };

    /// <summary>A whole number, as such or as the text of one; a Boolean as 1 or 0.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public long ToInteger()
    {
        if (Type is RespType.Integer or RespType.Boolean)
            return _number;

        return _content is byte[] bytes && Utf8Parser.TryParse(bytes, out long number, out var length) && length == bytes.Length ? number : throw Mismatch("whole number");
    }

    /// <summary>A number, as such or as the text of one.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public double ToDouble() => Type switch
    {
        RespType.Double => BitConverter.Int64BitsToDouble(_number),
        RespType.Integer => _number,
        _ => _content is byte[] bytes && double.TryParse(bytes, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw Mismatch("number"),
    };

    /// <summary>Whether a Boolean is true, or a whole number, as such or as a text, not 0.</summary>
    /// <exception cref="InvalidOperationException">It is none.</exception>
    public bool ToBoolean() => ToInteger() != 0;

    /// <summary>The value as people read it, for logs and debuggers: bytes beyond ASCII are escaped, and what is long is cut.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        RespText.Append(text, this);
        return text.ToString();
    }

    internal static RespValue OfBytes(RespType type, byte[] bytes) => new(type, bytes);

    internal static RespValue OfItems(RespType type, RespValue[] items) => new(type, items);

    internal static RespValue OfDouble(double number) => new(RespType.Double, null, BitConverter.DoubleToInt64Bits(number));

    internal static RespValue OfBoolean(bool isTrue) => new(RespType.Boolean, null, isTrue ? 1 : 0);

    /// <summary>Whether it is a string of these very bytes.</summary>
    internal bool Is(ReadOnlySpan<byte> bytes) => _content is byte[] own && own.AsSpan().SequenceEqual(bytes);

    private InvalidOperationException Mismatch(string wanted) => new($"The value is no {wanted}, but {this}.");
}
