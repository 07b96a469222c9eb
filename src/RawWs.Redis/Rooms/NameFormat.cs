using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace RawWs.Redis.Rooms;

/// <summary>Names as nodes write them to each other: length, 4 bytes, big-endian, and UTF-8.</summary>
internal static class NameFormat
{
    // A name with half a surrogate can't travel: it stays here, as an error, rather than reach another room.
    private static readonly UTF8Encoding Utf8Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>A name alone, without its length.</summary>
    /// <exception cref="ArgumentException">There is half a surrogate in it.</exception>
    public static byte[] Encode(string name) => Utf8Strict.GetBytes(name);

    /// <exception cref="ArgumentException">There is half a surrogate in it.</exception>
    public static void Write(ArrayBufferWriter<byte> output, string name)
    {
        var length = Utf8Strict.GetByteCount(name);
        WriteNumber(output, length);
        Utf8Strict.GetBytes(name, output.GetSpan(length));
        output.Advance(length);
    }

    public static void WriteNumber(ArrayBufferWriter<byte> output, int number)
    {
        BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(sizeof(int)), number);
        output.Advance(sizeof(int));
    }

    /// <returns>Whether it is there; then the input is moved past it.</returns>
    public static bool TryRead(ref ReadOnlySpan<byte> input, [NotNullWhen(true)] out string? name)
    {
        name = null;
        if (!TryReadNumber(ref input, out var length) || length > (uint)input.Length || !Utf8.IsValid(input[..(int)length]))
            return false;

        name = Encoding.UTF8.GetString(input[..(int)length]);
        input = input[(int)length..];
        return true;
    }

    /// <inheritdoc cref="TryRead"/>
    public static bool TryReadNumber(ref ReadOnlySpan<byte> input, out uint number)
    {
        if (!BinaryPrimitives.TryReadUInt32BigEndian(input, out number))
            return false;

        input = input[sizeof(uint)..];
        return true;
    }
}
