using System.Text;

namespace RawWs.Benchmarks;

/// <summary>Payloads that look like those of applications.</summary>
internal static class Samples
{
    /// <summary>Text of exactly <paramref name="length"/> bytes, its last character whole.</summary>
    public static byte[] Text(string language, int length)
    {
        var sentence = language switch
        {
            "ASCII" => "The quick brown fox jumps over the lazy dog. ",
            "German" => "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. ",
            "Russian" => "Съешь же ещё этих мягких французских булок, да выпей чаю. ",
            "Chinese" => "我能吞下玻璃而不伤身体。天地玄黄,宇宙洪荒,日月盈昃,辰宿列张。",
            _ => "👩‍🚀🚀🌍🎉🦄🍕😀🏔️",
        };
        var text = new List<byte>();
        foreach (var rune in string.Concat(Enumerable.Repeat(sentence, length / 16 + 1)).EnumerateRunes())
        {
            var octets = Encoding.UTF8.GetBytes(rune.ToString());
            if (text.Count + octets.Length > length)
                break;

            text.AddRange(octets);
        }

        while (text.Count < length)
            text.Add((byte)' ');

        return [.. text];
    }

    /// <summary>JSON as a chat or a feed would send it.</summary>
    public static byte[] Json(int length)
    {
        var text = new StringBuilder("[");
        for (var index = 0; text.Length < length; index++)
            text.Append($$"""{"id":{{100_000 + index * 7919}},"user":"member{{index * 31 % 97}}","price":{{index * 1237 % 100_000}}.{{index * 17 % 100}},"text":"Hello {{index}}"},""");

        return Encoding.ASCII.GetBytes(text.ToString(0, length));
    }
}
