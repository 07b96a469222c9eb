using System.Text.Unicode;

namespace RawWs.Fuzz;

/// <summary>An input as the messages of a client.</summary>
internal static class PacketMessages
{
    /// <summary>Lines: behind a # bytes, otherwise text; what is no UTF-8 is bytes as well.</summary>
    public static IEnumerable<(byte[] Data, bool IsBinary)> Read(byte[] input)
    {
        var start = 0;
        while (start <= input.Length)
        {
            var length = input.AsSpan(start).IndexOf((byte)'\n');
            var end = length < 0 ? input.Length : start + length;
            var line = input[start..end];
            start = end + 1;
            if (line is [(byte)'#', ..])
                yield return (line[1..], true);
            else
                yield return (line, !Utf8.IsValid(line));
        }
    }
}
