namespace RawWs.Conformance;

/// <summary>Octet sequences at every edge of RFC 3629, after Markus Kuhn's decoder stress test.</summary>
internal static class Utf8Sequences
{
    public static readonly (string Name, string[] Hex)[] Valid =
    [
        ("boundary-first", ["00", "c280", "e0a080", "f0908080"]),
        ("boundary-last", ["7f", "dfbf", "efbfbf", "f48fbfbf"]),
        ("boundary-surrogates", ["ed9fbf", "ee8080"]),
        ("replacement", ["efbfb9", "efbfba", "efbfbb", "efbfbc", "efbfbd"]),
        ("byte-order-mark", ["efbbbf", "efbbbf48656c6c6f"]),
        ("noncharacter",
            ["efb790", "efb7af",
            .. Enumerable.Range(0,
            17).SelectMany(plane => new[] { CodePoint((plane << 16) | 0xFFFE), CodePoint((plane << 16) | 0xFFFF) })]),
        ("greek", ["cebae1bdb9cf83cebcceb5"]),
        ("mixed", ["48656c6c6f2dc2b540c39fc3b6c3a4c3bcc3a0c3a12d5554462d382121", "f09d849ee697a5e69cac"]),
    ];

    public static readonly (string Name, string[] Hex)[] Invalid =
    [
        ("five-and-six-bytes", ["f888808080", "fc8480808080", "f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf"]),
        ("out-of-range", ["f4908080", "f5808080", "f8", "fe", "ff", "fefeffff"]),
        ("lonely-continuation",
            ["80", "bf", "80bf", "80bf80", "80bf80bf80bf",
            string.Concat(Enumerable.Range(0x80, 64).Select(octet => octet.ToString("x2", null)))]),
        ("lonely-start-2", [Starts(0xC0, 32)]),
        ("lonely-start-3", [Starts(0xE0, 16)]),
        ("lonely-start-4", [Starts(0xF0, 8)]),
        ("lonely-start-5-6", [Starts(0xF8, 4), Starts(0xFC, 2)]),
        ("truncated", ["c2", "ce", "e1bd", "f09d84", "c0", "e080", "f08080", "f8808080", "df", "efbf", "f7bfbf", "fbbfbfbf"]),
        ("truncated-all", ["c0e080f08080f8808080fc80808080dfefbff7bfbffbbfbfbffdbfbfbfbf"]),
        ("truncated-then-ascii", ["ce41", "e1bd41", "f09d8441", "e141"]),
        ("overlong-slash", ["c0af", "e080af", "f08080af", "f8808080af", "fc80808080af"]),
        ("overlong-maximum", ["c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf"]),
        ("overlong-nul", ["c080", "e08080", "f0808080", "f880808080", "fc8080808080"]),
        ("surrogate", ["eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf"]),
        ("surrogate-pair",
            ["eda080edb080", "eda080edbfbf", "edadbfedb080", "edadbfedbfbf", "edae80edb080", "edae80edbfbf", "edafbfedb080",
            "edafbfedbfbf"]),
        ("after-valid", ["cebae1bdb9cf83cebcceb5eda080656469746564", "48656c6c6fff", "cebae1bdb9cf83cebcceb5f4908080656469746564"]),
    ];

    /// <summary>Beginnings after which no octet can make the message valid, and how many octets of each are still innocent.</summary>
    public static readonly (string Name, string Hex)[] BeyondRepair =
    [
        ("surrogate", "eda0"), ("out-of-range", "f490"), ("overlong-2", "c0"), ("overlong-3", "e080"), ("overlong-4", "f08f"),
        ("bad-continuation", "ce41"), ("late-bad-continuation", "f09d8441"), ("lonely-continuation", "80"), ("never", "ff"),
            ("five-bytes", "f8"),
    ];

    private static string Starts(int first, int count) =>
        string.Concat(Enumerable.Range(first, count).Select(octet => $"{octet:x2}20"));

    private static string CodePoint(int value) =>
        Convert.ToHexStringLower(System.Text.Encoding.UTF8.GetBytes(char.ConvertFromUtf32(value)));
}
