namespace RawWs.Tests.Protocol;

/// <summary>
/// Texts that are, are not and are not yet UTF-8: those of section 6 of the Autobahn test suite, most of which are Markus Kuhn's decoder
/// stress test, and the edges of RFC 3629 §4.
/// </summary>
public static class Utf8Samples
{
    // κόσμε, the word that Kuhn's test and Autobahn's cases 6.3 and 6.4 begin with.
    private const string Kosme = "ce ba e1 bd b9 cf 83 ce bc ce b5";

    public static TheoryData<string> Valid =>
    [
        "48 65 6c 6c 6f",
        Kosme,
        "48 65 6c 6c 6f 2d c2 b5 40 c3 9f c3 b6 c3 a4 c3 bc c3 a0 c3 a1 2d 55 54 46 2d 38 21 21",

        // The first and the last character of each length.
        "00", "7f", "c2 80", "df bf", "e0 a0 80", "ef bf bf", "f0 90 80 80", "f4 8f bf bf",

        // Beside the surrogates, and the byte order mark.
        "ed 9f bf", "ee 80 80", "ef bb bf", "ef bf bd",

        // Lengths of lead bytes at the ends of their ranges.
        "e1 80 80", "ec bf bf", "f1 80 80 80", "f3 bf bf bf",

        // Noncharacters are characters to UTF-8: 6.22 and 6.23 of Autobahn.
        "ef bf be", "f0 9f bf be", "f0 9f bf bf", "f0 af bf be", "f0 bf bf bf", "f1 8f bf be", "f3 bf bf be", "f4 8f bf be",
        "ef b7 90", "ef b7 af",
    ];

    public static TheoryData<string, int> Invalid => new()
    {
        // Autobahn 6.3 and 6.4: surrogate in the middle, and above U+10FFFF; the text fails before its end.
        { $"{Kosme} ed a0 80 65 64 69 74 65 64", 12 },
        { $"{Kosme} f4 90 80 80 65 64 69 74 65 64", 12 },

        // Kuhn 3.1: continuation bytes out of place.
        { "80", 0 }, { "bf", 0 }, { "80 bf 80 bf", 0 }, { "61 80", 1 }, { "c3 a9 a9", 2 }, { "e2 82 ac 82", 3 }, { "f0 9f 98 80 80", 4 },

        // Kuhn 3.2: beginnings without continuation.
        { "c0 20", 0 }, { "c2 20", 1 }, { "df 20", 1 }, { "e0 20", 1 }, { "ef 20", 1 }, { "f0 20", 1 }, { "f4 20", 1 },
        { "c3 c3 a9", 1 }, { "e2 82 20", 2 }, { "e2 82 e2", 2 }, { "f0 9f 98 20", 3 }, { "f0 9f 98 f0", 3 },

        // Kuhn 3.5 and the five- and six-byte forms of old: impossible bytes.
        { "fe", 0 }, { "ff", 0 }, { "f5 80 80 80", 0 }, { "f7 bf bf bf", 0 }, { "f8 88 80 80 80", 0 }, { "fb bf bf bf bf", 0 },
        { "fc 84 80 80 80 80", 0 }, { "fd bf bf bf bf bf", 0 }, { "61 62 ff", 2 },

        // Kuhn 4: overlong forms of "/", of NUL, and the longest of each length.
        { "c0 af", 0 }, { "e0 80 af", 1 }, { "f0 80 80 af", 1 }, { "c1 bf", 0 }, { "e0 9f bf", 1 }, { "f0 8f bf bf", 1 },
        { "c0 80", 0 }, { "e0 80 80", 1 }, { "f0 80 80 80", 1 },

        // Kuhn 5: surrogates, single and paired.
        { "ed a0 80", 1 }, { "ed ad bf", 1 }, { "ed ae 80", 1 }, { "ed af bf", 1 }, { "ed b0 80", 1 }, { "ed be 80", 1 }, { "ed bf bf", 1 },
        { "ed a0 80 ed b0 80", 1 }, { "ed af bf ed bf bf", 1 },

        // Above U+10FFFF.
        { "f4 90 80 80", 1 }, { "f4 bf bf bf", 1 },
    };

    public static TheoryData<string> Incomplete =>
    [
        "ce", "c2", "df", "e0", "e0 a0", "e2 82", "ed", "ed 9f", "ef bf", "f0", "f0 90", "f0 90 80", "f4", "f4 8f", "f4 8f bf",
        "61 62 63 e2 82",
        "ce ba e1 bd b9 cf 83 ce bc ce",
    ];
}
