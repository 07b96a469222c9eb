using System.Buffers;
using System.Buffers.Text;

namespace RawWs.Redis.Resp;

/// <summary>Writes commands: an array of bulk strings each, in RESP2 and RESP3 alike.</summary>
internal static class RespWriter
{
    // The type, 19 digits, CR LF.
    private const int MaxHeaderLength = 22;

    /// <summary>How many bytes <see cref="Write"/> writes, at most.</summary>
    public static long MaxLengthOf(RedisCommand command)
    {
        long length = MaxHeaderLength;
        foreach (var word in command.Words)
            length += MaxHeaderLength + word.Length + 2;

        return length;
    }

    public static void Write(IBufferWriter<byte> output, RedisCommand command)
    {
        WriteHeader(output, (byte)'*', command.Words.Count);
        foreach (var word in command.Words)
        {
            WriteHeader(output, (byte)'$', word.Length);
            output.Write(word.Span);
            output.Write("\r\n"u8);
        }
    }

    private static void WriteHeader(IBufferWriter<byte> output, byte type, int length)
    {
        var header = output.GetSpan(MaxHeaderLength);
        header[0] = type;
        Utf8Formatter.TryFormat(length, header[1..], out var digits);
        "\r\n"u8.CopyTo(header[(1 + digits)..]);
        output.Advance(1 + digits + 2);
    }
}
