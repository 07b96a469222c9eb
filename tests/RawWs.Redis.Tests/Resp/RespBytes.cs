using System.Buffers;
using System.Text;
using RawWs.Redis.Resp;

namespace RawWs.Redis.Tests.Resp;

/// <summary>Feeds a parser, in whatever pieces, and says what came of it in a line of text.</summary>
internal static class RespBytes
{
    /// <summary>The values that a parser reads; a violation is the last of it, in parentheses.</summary>
    /// <param name="wire">The bytes, each a character of Latin-1.</param>
    /// <param name="ends">Where each arrival ends; the length of the whole last.</param>
    /// <param name="limits">The limits; those of the client if there are none.</param>
    public static string Read(byte[] wire, IEnumerable<int> ends, RespLimits? limits = null)
    {
        var parser = new RespParser(limits ?? new RespLimits());
        var values = new List<string>();
        var consumed = 0;
        try
        {
            foreach (var end in ends)
            {
                var unread = new ReadOnlySequence<byte>(wire, consumed, end - consumed);
                while (parser.TryRead(ref unread, out var value))
                    values.Add(value.ToString());

                consumed = end - (int)unread.Length;
            }
        }
        catch (RespProtocolException violation)
        {
            values.Add($"({violation.Message})");
        }

        return string.Join(' ', values);
    }

    public static byte[] Of(string latin1) => Encoding.Latin1.GetBytes(latin1);
}
