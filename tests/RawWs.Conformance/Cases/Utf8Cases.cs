namespace RawWs.Conformance;

/// <summary>Text is UTF-8 (RFC 6455 §5.6 and §8.1): valid, invalid, cut in every place, and how early it is noticed.</summary>
internal static class Utf8Cases
{
    private static readonly byte[] Greek = "κόσμε"u8.ToArray();

    public static CaseList Create()
    {
        var cases = new CaseList("utf8");
        foreach (var (name, sequences) in Utf8Sequences.Valid)
        {
            foreach (var hex in sequences)
                AddValid(cases, $"valid-{name}-{Short(hex)}", Convert.FromHexString(hex));
        }

        foreach (var (name, sequences) in Utf8Sequences.Invalid)
        {
            foreach (var hex in sequences)
                AddInvalid(cases, $"invalid-{name}-{Short(hex)}", Convert.FromHexString(hex));
        }

        AddPrefixes(cases);
        AddSplits(cases);
        AddFailFast(cases);
        return cases;
    }

    private static void AddValid(CaseList cases, string name, byte[] text)
    {
        cases.Add(name, $"A text message of {Convert.ToHexStringLower(text)}.", Rfc6455.TextIsUtf8, Expected.Echo, async c =>
            await (await c.OpenAsync()).EchoAsync(Frame.Text(text)));

        if (text.Length > 1)
        {
            cases.Add(name + "-fragments", $"A text message of {Convert.ToHexStringLower(text)}, each byte in a frame of its own.",
                Rfc6455.TextIsUtf8, Expected.Echo, async c =>
                await (await c.OpenAsync()).EchoAsync(Frame.Fragments(Opcode.Text, text, 1)));
        }
    }

    private static void AddInvalid(CaseList cases, string name, byte[] text)
    {
        cases.Add(name, $"A text message of {Convert.ToHexStringLower(text)}.", Rfc6455.InvalidUtf8, Expected.FailUtf8, async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(Frame.Text(text));
            await peer.ExpectFailAsync(1007);
        });

        if (text.Length is > 1 and < 16)
        {
            cases.Add(name + "-fragments", $"A text message of {Convert.ToHexStringLower(text)}, each byte in a frame of its own.",
                Rfc6455.InvalidUtf8, Expected.FailUtf8, async c =>
            {
                var peer = await c.OpenAsync();
                await peer.SendAsync(Frame.Fragments(Opcode.Text, text, 1));
                await peer.ExpectFailAsync(1007);
            });
        }
    }

    private static void AddPrefixes(CaseList cases)
    {
        for (var length = 1; length < Greek.Length; length++)
        {
            var text = Greek[..length];
            if (Utf8Bytes.IsValid(text))
                AddValid(cases, $"prefix-{length}", text);
            else
                AddInvalid(cases, $"prefix-{length}", text);
        }
    }

    private static void AddSplits(CaseList cases)
    {
        var text = "a-µ-日-𝄞-z"u8.ToArray();
        for (var cut = 1; cut < text.Length; cut++)
        {
            var at = cut;
            cases.Add($"fragments-cut-at-{cut}", $"“a-µ-日-𝄞-z” in two fragments, cut after {cut} bytes.", Rfc6455.TextIsUtf8, Expected.Echo,
                async c =>
                await (await c.OpenAsync()).EchoAsync(Frame.Text(text[..at]) with { Fin = false }, Frame.Continuation(text[at..])));
        }

        cases.Add("fragments-empty-in-character", "A character in two fragments with an empty one and a ping between them.",
            Rfc6455.TextIsUtf8, "pong and message come back.", async c =>
        {
            var peer = await c.OpenAsync();
            Frame[] frames = [Frame.Text(Greek[..1]) with { Fin = false }, Frame.Continuation("") with { Fin = false }, Frame.Ping("p"),
                Frame.Continuation(Greek[1..2])];
            await peer.SendAsync(frames);
            await peer.ExpectPongAndMessageAsync("p"u8.ToArray(), Opcode.Text, Greek.AsMemory(0, 2));
        });

        cases.Add("state-does-not-leak",
            "Half a character as a whole message is invalid, even if the next message begins with the other half.", Rfc6455.InvalidUtf8,
            Expected.FailUtf8, async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(Frame.Text(Greek[..1]), Frame.Text(Greek[1..2]));
            await peer.ExpectFailAsync(1007);
        });

        cases.Add("large-then-invalid", "60 000 valid bytes, then one that is not.", Rfc6455.InvalidUtf8, Expected.FailUtf8, async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(Frame.Text((byte[])[.. Payloads.Text(60_000), 0xFF]));
            await peer.ExpectFailAsync(1007);
        });

        // Vectorised validators look at 16 to 64 bytes at a time: the bad byte is put everywhere in and around them.
        foreach (var position in (int[])[0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 1023, 1024])
        {
            cases.Add($"invalid-at-{position}", $"2000 bytes of ASCII with a lonely continuation octet at {position}.", Rfc6455.InvalidUtf8,
                Expected.FailUtf8, async c =>
            {
                var peer = await c.OpenAsync();
                var text = Enumerable.Repeat((byte)'a', 2000).ToArray();
                text[position] = 0xBF;
                await peer.SendAsync(Frame.Text(text));
                await peer.ExpectFailAsync(1007);
            });

            cases.Add($"valid-at-{position}", $"2000 bytes of ASCII with a character of four octets at {position}.", Rfc6455.TextIsUtf8,
                Expected.Echo, async c =>
            {
                var text = Enumerable.Repeat((byte)'a', 2000).ToArray();
                "𝄞"u8.CopyTo(text.AsSpan(position));
                await (await c.OpenAsync()).EchoAsync(Frame.Text(text));
            });
        }
    }

    private static void AddFailFast(CaseList cases)
    {
        const string Expectation = "the connection is failed with 1007 as soon as the message cannot become valid any more; later is non-strict.";
        foreach (var (name, hex) in Utf8Sequences.BeyondRepair)
        {
            byte[] text = [.. Greek, .. Convert.FromHexString(hex)];
            cases.Add($"fail-fast-fragment-{name}", $"A first fragment that ends in {hex}; the last fragment is held back.",
                Rfc6455.InvalidUtf8, Expectation, async c =>
            {
                var peer = await c.OpenAsync();
                await peer.SendAsync(Frame.Text(text) with { Fin = false });
                await FailFast.ExpectAsync(c, peer, 1007, () => peer.SendAsync(Frame.Continuation("end")));
            });

            cases.Add($"fail-fast-frame-{name}", $"The beginning of a frame, up to {hex}; the rest of the frame is held back.",
                Rfc6455.InvalidUtf8, Expectation, async c =>
            {
                var peer = await c.OpenAsync();
                var bytes = Frame.Text((byte[])[.. text, .. new byte[50]]).ToBytes(c.Random);
                var cut = bytes.Length - 50;
                await peer.SendBytesAsync(bytes.AsMemory(0, cut), "the beginning of a text frame");
                await FailFast.ExpectAsync(c, peer, 1007, () => peer.SendBytesAsync(bytes.AsMemory(cut), "the rest of the frame"));
            });
        }
    }

    private static string Short(string hex) => hex.Length <= 16 ? hex : $"{hex[..8]}-{hex.Length / 2}";
}
