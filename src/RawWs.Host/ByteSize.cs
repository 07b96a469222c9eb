using System.Globalization;

namespace RawWs.Host;

/// <summary>Numbers of bytes as people write them: 65536, 64K, 16MiB. All are powers of 1024; KB is refused, because it may mean 1000.</summary>
internal static class ByteSize
{
    private static readonly (string Suffix, int Shift)[] Units = [("KiB", 10), ("K", 10), ("MiB", 20), ("M", 20), ("GiB", 30), ("G", 30), ("", 0)];

    /// <returns>Whether it is a number of bytes from 1 to <paramref name="max"/>.</returns>
    public static bool TryParse(string text, long max, out long size)
    {
        var (suffix, shift) = Units.First(unit => text.EndsWith(unit.Suffix, StringComparison.OrdinalIgnoreCase));
        var isNumber = long.TryParse(text.AsSpan(0, text.Length - suffix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var count);

        size = count << shift;
        return isNumber && count >= 1 && count <= max >> shift;
    }
}
