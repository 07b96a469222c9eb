using System.Globalization;
using System.Text;

namespace RawWs.Redis;

/// <summary>An argument of a command: a text, a whole number, or bytes.</summary>
/// <param name="Bytes">As it is sent. Not copied.</param>
public readonly record struct RedisArgument(ReadOnlyMemory<byte> Bytes)
{
    /// <summary>A text, in UTF-8.</summary>
    public static implicit operator RedisArgument(string text) => FromString(text);

    /// <summary>A whole number, as its digits.</summary>
    public static implicit operator RedisArgument(long number) => FromInt64(number);

    /// <summary>Bytes, which are not copied.</summary>
    public static implicit operator RedisArgument(ReadOnlyMemory<byte> bytes) => FromReadOnlyMemory(bytes);

    /// <inheritdoc cref="op_Implicit(string)"/>
    public static RedisArgument FromString(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new(Encoding.UTF8.GetBytes(text));
    }

    /// <inheritdoc cref="op_Implicit(long)"/>
    public static RedisArgument FromInt64(long number) => FromString(number.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc cref="op_Implicit(ReadOnlyMemory{byte})"/>
    public static RedisArgument FromReadOnlyMemory(ReadOnlyMemory<byte> bytes) => new(bytes);
}
