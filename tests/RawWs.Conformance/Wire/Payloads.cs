using System.Text;

namespace RawWs.Conformance;

/// <summary>Application data of given sizes.</summary>
internal static class Payloads
{
    // Characters of one to four bytes, so that every size cuts and shifts them differently.
    private static readonly byte[] Pattern = Encoding.UTF8.GetBytes("Hello-µ@ßöäüàá-κόσμε-日本-𝄞!");

    /// <summary>Valid UTF-8 of exactly <paramref name="size"/> bytes.</summary>
    public static byte[] Text(int size)
    {
        var bytes = new byte[size];
        for (var offset = 0; offset < size; offset += Pattern.Length)
        {
            if (size - offset >= Pattern.Length)
                Pattern.CopyTo(bytes, offset);
            else
                bytes.AsSpan(offset).Fill((byte)'*');
        }

        return bytes;
    }

    /// <summary>Data that compresses well but not trivially: words in random order.</summary>
    public static byte[] Words(int size, Random random)
    {
        string[] words = ["frame", "opcode", "FIN", "masking-key", "payload", "control", "ping", "pong", "close", "handshake", "{\"id\":",
            "}, "];
        var builder = new StringBuilder(size + 16);
        while (builder.Length < size)
            builder.Append(words[random.Next(words.Length)]).Append(' ').Append(random.Next(100));
        return Encoding.ASCII.GetBytes(builder.ToString(0, size));
    }
}
