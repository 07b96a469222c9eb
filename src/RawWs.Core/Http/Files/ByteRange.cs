using System.Globalization;

namespace RawWs.Http;

/// <summary>A part of a representation that a client asks for (RFC 9110 §14.1.2).</summary>
/// <param name="Start">Its first byte.</param>
/// <param name="Length">How many bytes it has; 0 if there are none of those that were asked for.</param>
internal readonly record struct ByteRange(long Start, long Length)
{
    private const string Unit = "bytes=";

    /// <summary>Whether any of the bytes that were asked for exist; otherwise the answer is 416.</summary>
    public bool IsSatisfiable => Length > 0;

    /// <summary>Reads the value of a Range field.</summary>
    /// <param name="value">The value.</param>
    /// <param name="length">How long the representation is.</param>
    /// <returns>
    /// Null for what is malformed, of another unit, or of several ranges. §14.2: "A server MAY ignore the Range header field", and then sends everything, which for
    /// several ranges costs less than their multipart form, and can't be made to cost more than the file.
    /// </returns>
    public static ByteRange? Read(ReadOnlySpan<char> value, long length)
    {
        if (!value.StartsWith(Unit, StringComparison.OrdinalIgnoreCase))
            return null;

        var range = value[Unit.Length..];
        var dash = range.IndexOf('-');
        if (dash < 0 || range.Contains(','))
            return null;

        var first = range[..dash];
        var last = range[(dash + 1)..];
        if (first.IsEmpty)
            return TryReadPosition(last, out var suffix) ? Suffix(suffix, length) : null;

        if (!TryReadPosition(first, out var start))
            return null;

        if (last.IsEmpty)
            return Between(start, long.MaxValue, length);

        return TryReadPosition(last, out var end) && start <= end ? Between(start, end, length) : null;
    }

    private static ByteRange Suffix(long count, long length) => new(Math.Max(0, length - count), Math.Min(count, length));

    private static ByteRange Between(long start, long end, long length) => start >= length ? default : new(start, Math.Min(end, length - 1) - start + 1);

    // A position beyond any file is one all the same.
    private static bool TryReadPosition(ReadOnlySpan<char> digits, out long position)
    {
        position = long.MaxValue;
        if (digits.IsEmpty || digits.ContainsAnyExceptInRange('0', '9'))
            return false;

        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out position))
            position = long.MaxValue;

        return true;
    }
}
