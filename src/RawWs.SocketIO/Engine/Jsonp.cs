using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO.Engine;

/// <summary>How very old browsers poll other origins: what they are answered is a script that calls them, and what they post is a form. Protocol 3 only.</summary>
internal static class Jsonp
{
    /// <summary>The content type of a script.</summary>
    public const string ContentType = "text/javascript; charset=UTF-8";

    private const byte Backslash = (byte)'\\';

    /// <summary>Makes a script of a body: <c>___eio[0]("1:6");</c>.</summary>
    /// <param name="body">Text.</param>
    /// <param name="callback">Digits.</param>
    public static PollingBody Wrap(PollingBody body, string callback)
    {
        // U+2028 and U+2029, which end a line of JavaScript but may stand in JSON, are among what this escapes.
        var text = JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(Encoding.UTF8.GetString(body.Bytes.Span));
        return body with { Bytes = Encoding.UTF8.GetBytes($"___eio[{callback}](\"{text}\");") };
    }

    /// <summary>Takes a body out of the field <c>d</c> of a form (application/x-www-form-urlencoded).</summary>
    /// <exception cref="PacketException">There is no such field.</exception>
    public static ReadOnlyMemory<byte> ReadForm(ReadOnlyMemory<byte> form)
    {
        foreach (var range in form.Span.Split((byte)'&'))
        {
            if (form.Span[range] is [(byte)'d', (byte)'=', .. var value])
                return UnescapeLines(Decode(value));
        }

        throw new PacketException("the form has no data");
    }

    private static byte[] Decode(ReadOnlySpan<byte> value)
    {
        var bytes = new byte[value.Length];
        var length = 0;
        for (var i = 0; i < value.Length; i++)
        {
            bytes[length++] = value[i] switch
            {
                (byte)'+' => (byte)' ',
                (byte)'%' when i + 2 < value.Length && byte.TryParse(value.Slice(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var escaped) => Skip(ref i, escaped),
                var other => other,
            };
        }

        return bytes[..length];

        static byte Skip(ref int position, byte escaped)
        {
            position += 2;
            return escaped;
        }
    }

    // Some browsers change the ends of lines in a form: the client sends \n for one, and \\n where a backslash and an n were meant.
    private static ReadOnlyMemory<byte> UnescapeLines(byte[] text)
    {
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var rest = text.AsSpan(i);
            if (rest is [Backslash, Backslash, (byte)'n', ..])
            {
                // The n follows by itself.
                text[length++] = Backslash;
                i++;
            }
            else if (rest is [Backslash, (byte)'n', ..])
            {
                text[length++] = (byte)'\n';
                i++;
            }
            else
            {
                text[length++] = text[i];
            }
        }

        return text.AsMemory(0, length);
    }
}
