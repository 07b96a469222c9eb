namespace RawWs.Conformance;

/// <summary>Encodings of the payload length (RFC 6455 §5.2), which Autobahn leaves out.</summary>
internal static class LengthCases
{
    public static CaseList Create(ConformanceOptions options)
    {
        var cases = new CaseList("length");
        foreach (var opcode in (Opcode[])[Opcode.Text, Opcode.Binary])
        {
            foreach (var (size, form) in ((int, LengthForm)[])
            [
                (0, LengthForm.SixteenBits), (1, LengthForm.SixteenBits), (124, LengthForm.SixteenBits), (125, LengthForm.SixteenBits),
                (0, LengthForm.SixtyFourBits), (1, LengthForm.SixtyFourBits), (125, LengthForm.SixtyFourBits),
                    (126, LengthForm.SixtyFourBits),
                (65_535, LengthForm.SixtyFourBits),
            ])
            {
                AddFail(cases, $"{Name(opcode)}-{size}-in-{Name(form)}",
                    $"A {opcode} frame of {size} bytes whose length is encoded in {Name(form)}.", Rfc6455.MinimalLength,
                    new Frame(opcode, Payloads.Text(size)) { LengthForm = form });
            }
        }

        foreach (var opcode in (Opcode[])[Opcode.Ping, Opcode.Pong, Opcode.Close])
        {
            foreach (var form in (LengthForm[])[LengthForm.SixteenBits, LengthForm.SixtyFourBits])
            {
                var payload = opcode == Opcode.Close ? Frame.CloseBody(1000, default) : "Hello"u8.ToArray();
                AddFail(cases, $"{Name(opcode)}-in-{Name(form)}", $"A {opcode} frame whose length is encoded in {Name(form)}.",
                    Rfc6455.MinimalLength,
                    new Frame(opcode, payload) { LengthForm = form });
            }
        }

        cases.Add("continuation-in-sixteenbits", "A continuation frame of 5 bytes whose length is encoded in 16 bits.",
            Rfc6455.MinimalLength, Expected.FailProtocol, async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(Frame.Text("Hello") with { Fin = false },
                Frame.Continuation("Hello") with { LengthForm = LengthForm.SixteenBits });
            await peer.ExpectFailAsync(1002);
        });

        AddAnnounced(cases, options);
        return cases;
    }

    private static void AddAnnounced(CaseList cases, ConformanceOptions options)
    {
        foreach (var (name, length) in ((string, ulong)[])
        [
            ("2-63", 1UL << 63), ("2-63-plus-5", (1UL << 63) + 5), ("2-64-minus-1", ulong.MaxValue),
                ("msb-and-65536", (1UL << 63) + 65_536),
        ])
        {
            foreach (var opcode in (Opcode[])[Opcode.Text, Opcode.Binary])
            {
                AddFail(cases, $"{Name(opcode)}-{name}", $"A {opcode} frame that announces {length} bytes.", Rfc6455.MostSignificantBit,
                    new Frame(opcode, "Hello"u8.ToArray()) { LengthForm = LengthForm.SixtyFourBits, AnnouncedLength = length }, 1009);
            }
        }

        cases.Add("continuation-msb", "A continuation frame that announces 2^63+5 bytes.", Rfc6455.MostSignificantBit,
            Expected.FailProtocol, async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(Frame.Text("Hel") with { Fin = false },
                Frame.Continuation("lo") with { LengthForm = LengthForm.SixtyFourBits, AnnouncedLength = (1UL << 63) + 5 });
            await peer.ExpectFailAsync(1002, 1009);
        });

        foreach (var (name, length) in ((string, ulong)[])
        [
            ("2-63-minus-1", long.MaxValue), ("2-62", 1UL << 62), ("2-53", 1UL << 53), ("2-40", 1UL << 40), ("2-32", 1UL << 32),
            ("2-32-plus-5", (1UL << 32) + 5), ("2-31", 1UL << 31), ("2-31-minus-1", int.MaxValue),
                ("limit-plus-1", (ulong)options.MaxMessageSize + 1),
        ])
        {
            cases.Add($"announced-{name}", $"A binary frame that announces {length} bytes, and then 5 bytes.", Rfc6455.TooBig,
                "the announcement alone is enough: " + Expected.FailTooBig, async c =>
            {
                var peer = await c.OpenAsync();
                await peer.SendAsync(Frame.Binary("Hello"u8.ToArray()) with
                {
                    LengthForm = LengthForm.SixtyFourBits,
                    AnnouncedLength = length
                });
                var received = await peer.ReceiveAsync(c.Options.FailFastTimeout * 2);
                if (received.Kind == ReceivedKind.Silence)
                    throw new VerdictException(Outcome.NonStrict,
                        "the server waits for the payload (§10.4: it “MUST protect” itself; it may do so as bytes come in)");
                await peer.JudgeFailureAsync(received, 1009, 1002);
            });
        }

        cases.Add("sum-overflows", "A first fragment of 5 bytes, then a continuation frame that announces 2^63-1 bytes.",
            Rfc6455.SizeLimits, "the sum does not wrap around: " + Expected.FailTooBig, async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(Frame.Binary("Hello"u8.ToArray()) with { Fin = false },
                Frame.Continuation("Hello") with { LengthForm = LengthForm.SixtyFourBits, AnnouncedLength = long.MaxValue });
            var received = await peer.ReceiveAsync(c.Options.FailFastTimeout * 2);
            if (received.Kind == ReceivedKind.Silence)
                throw new VerdictException(Outcome.NonStrict, "the server waits for the payload");
            await peer.JudgeFailureAsync(received, 1009, 1002);
        });
    }

    private static void AddFail(CaseList cases, string name, string title, Clause clause, Frame frame, params int[] tolerated) =>
        cases.Add(name, title, clause, Expected.FailProtocol, async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(frame);
            await peer.ExpectFailAsync(1002, tolerated);
        });

    private static string Name(Enum value) => value.ToString().ToLowerInvariant();
}
