namespace RawWs.Conformance;

/// <summary>Fragmented messages (RFC 6455 §5.4).</summary>
internal static class FragmentationCases
{
    public static CaseList Create()
    {
        var cases = new CaseList("fragmentation");
        AddLegal(cases);
        AddControlFrames(cases);
        AddSizes(cases);
        AddIllegal(cases);
        return cases;
    }

    private static void AddLegal(CaseList cases)
    {
        AddEcho(cases, "two-text", "A text message in two fragments.",
            [Frame.Text("fragment1") with { Fin = false }, Frame.Continuation("fragment2")]);
        AddEcho(cases, "two-binary", "A binary message in two fragments.",
            [Frame.Binary(new byte[] { 1, 2, 0xFF }) with { Fin = false }, Frame.Continuation(new byte[] { 0xFE, 4 })]);
        AddEcho(cases, "hello-of-the-rfc", "“Hel” and “lo”, the example of §5.7.",
            [Frame.Text("Hel") with { Fin = false }, Frame.Continuation("lo")]);
        AddEcho(cases, "all-empty", "A text message in three empty fragments.",
            [Frame.Text("") with { Fin = false }, Frame.Continuation("") with { Fin = false }, Frame.Continuation("")]);
        AddEcho(cases, "middle-only", "Three fragments, of which only the middle one has data.",
            [Frame.Text("") with { Fin = false }, Frame.Continuation("middle") with { Fin = false }, Frame.Continuation("")]);
        AddEcho(cases, "empty-first", "An empty first fragment.", [Frame.Text("") with { Fin = false }, Frame.Continuation("data")]);
        AddEcho(cases, "empty-last", "An empty last fragment.", [Frame.Text("data") with { Fin = false }, Frame.Continuation("")]);
        AddEcho(cases, "empty-binary", "A binary message in two empty fragments.",
            [Frame.Binary(default) with { Fin = false }, Frame.Continuation("")]);

        cases.Add("three-messages", "Three fragmented messages in one write.", Rfc6455.Fragmentation, "each comes back, in order.",
            async c =>
        {
            var peer = await c.OpenAsync();
            var messages = Enumerable.Range(1, 3).Select(i => Frame.Fragments(Opcode.Text, Payloads.Text(i * 50), 20)).ToArray();
            await peer.SendAsync([.. messages.SelectMany(frames => frames)]);
            foreach (var frames in messages)
                await peer.ExpectEchoAsync(frames);
        });

        cases.Add("then-whole", "A fragmented message, then a whole one of the other type.", Rfc6455.Fragmentation,
            "each comes back with its own type.", async c =>
        {
            var peer = await c.OpenAsync();
            var fragments = Frame.Fragments(Opcode.Text, Payloads.Text(100), 30);
            await peer.SendAsync([.. fragments, Frame.Binary(new byte[] { 0xFF })]);
            await peer.ExpectEchoAsync(fragments);
            await peer.ExpectEchoAsync(Frame.Binary(new byte[] { 0xFF }));
        });
    }

    private static void AddEcho(CaseList cases, string name, string title, Frame[] frames)
    {
        foreach (var (suffix, how) in ((string, string)[])[("", "in one write"), ("-writes", "a write each"),
            ("-bytewise", "byte by byte")])
        {
            cases.Add(name + suffix, $"{title} Sent {how}.", Rfc6455.Fragmentation, Expected.Echo, async c =>
            {
                var peer = await c.OpenAsync();
                if (suffix == "-bytewise")
                    await peer.SendInWritesOfAsync(frames.SelectMany(frame => frame.ToBytes(c.Random)).ToArray(), 1, title);
                else
                    await (suffix == "" ? peer.SendAsync(frames) : peer.SendEachAsync(frames));
                await peer.ExpectEchoAsync(frames);
            });
        }
    }

    private static void AddControlFrames(CaseList cases)
    {
        foreach (var together in (bool[])[true, false])
        {
            var (suffix, how) = together ? ("", "in one write") : ("-writes", "a write each");
            cases.Add("ping-between" + suffix, $"A ping between two fragments, {how}.", Rfc6455.ControlAmongFragments,
                "the pong comes back, then the message.", async c =>
            {
                var peer = await c.OpenAsync();
                Frame[] frames = [Frame.Text("fragment1") with { Fin = false }, Frame.Ping("p"), Frame.Continuation("fragment2")];
                await (together ? peer.SendAsync(frames) : peer.SendEachAsync(frames));
                await peer.ExpectPongAndMessageAsync("p"u8.ToArray(), Opcode.Text, "fragment1fragment2"u8.ToArray());
            });

            cases.Add("five-with-pings" + suffix, $"Five fragments with pings after the second and the fourth, {how}.",
                Rfc6455.ControlAmongFragments, "pongs and message come back.", async c =>
            {
                var peer = await c.OpenAsync();
                var text = Frame.Fragments(Opcode.Text, Payloads.Text(50), 10);
                Frame[] frames = [text[0], text[1], Frame.Ping("one"), text[2], text[3], Frame.Ping("two"), text[4]];
                await (together ? peer.SendAsync(frames) : peer.SendEachAsync(frames));
                await peer.ExpectPongsAsync([frames[2].Payload, frames[5].Payload]);
                await peer.ExpectEchoAsync(text);
            });
        }

        cases.Add("pong-is-at-once", "The first fragment and a ping; the last fragment only after the pong.", Rfc6455.ControlAmongFragments,
            "the pong does not wait for the message.", async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(Frame.Text("fragment1") with { Fin = false }, Frame.Ping("p"));
            await peer.ExpectPongAsync("p"u8.ToArray());
            await peer.SendAsync(Frame.Continuation("fragment2"));
            await peer.ExpectEchoAsync(Frame.Text("fragment1fragment2"));
        });

        cases.Add("pong-between", "A pong that answers nothing between two fragments.", Rfc6455.ControlAmongFragments, Expected.Echo,
            async c =>
            await (await c.OpenAsync()).EchoAsync(Frame.Text("fragment1") with { Fin = false }, Frame.Pong("x"),
                Frame.Continuation("fragment2")));

        cases.Add("ping-type-not-taken", "A binary message in two fragments with a ping of 125 bytes between them.",
            Rfc6455.ControlAmongFragments, "the message comes back as binary and without the ping's data.", async c =>
        {
            var peer = await c.OpenAsync();
            var ping = c.RandomBytes(125);
            byte[] first = c.RandomBytes(200), second = c.RandomBytes(300);
            await peer.SendAsync(Frame.Binary(first) with { Fin = false }, Frame.Ping(ping), Frame.Continuation(second));
            await peer.ExpectPongAndMessageAsync(ping, Opcode.Binary, (byte[])[.. first, .. second]);
        });

        cases.Add("close-between", "A close frame in the middle of a fragmented message.", Rfc6455.ControlAmongFragments,
            Expected.CloseReply, async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(Frame.Text("fragment1") with { Fin = false }, Frame.Close(1000));
            await peer.ExpectCloseReplyAsync(1000);
        });
    }

    private static void AddSizes(CaseList cases)
    {
        foreach (var (size, fragment) in ((int, int)[])[(10, 1), (100, 7), (1000, 1), (1000, 125), (1000, 126), (1000, 127),
            (70_000, 65_535), (70_000, 65_536), (131_072, 1024), (131_072, 1000)])
        {
            foreach (var opcode in (Opcode[])[Opcode.Text, Opcode.Binary])
            {
                cases.Add($"{opcode.ToString().ToLowerInvariant()}-{size}-by-{fragment}",
                    $"A {opcode} message of {size} bytes in fragments of {fragment}.", Rfc6455.Fragmentation, Expected.Echo, async c =>
                    await (await c.OpenAsync()).EchoAsync(Frame.Fragments(opcode,
                        opcode == Opcode.Text ? Payloads.Text(size) : c.RandomBytes(size), fragment)));
            }
        }
    }

    private static void AddIllegal(CaseList cases)
    {
        AddFail(cases, "continuation-with-fin", "A continuation frame with FIN and nothing to continue, then a text message.",
            Rfc6455.FragmentSequence, [Frame.Continuation("orphan"), Frame.Text("text")]);
        AddFail(cases, "continuation-without-fin", "A continuation frame without FIN and nothing to continue, then a text message.",
            Rfc6455.FragmentSequence, [Frame.Continuation("orphan") with { Fin = false }, Frame.Text("text")]);
        AddFail(cases, "continuation-empty", "An empty continuation frame with nothing to continue.", Rfc6455.FragmentSequence,
            [Frame.Continuation("")]);
        AddFail(cases, "continuation-then-fragments", "A continuation frame with nothing to continue, then a fragmented message.",
            Rfc6455.FragmentSequence,
            [Frame.Continuation("orphan") with { Fin = false }, Frame.Text("one") with { Fin = false }, Frame.Continuation("two")]);
        AddFail(cases, "text-in-text", "A text message inside a fragmented text message.", Rfc6455.NoInterleaving,
            [Frame.Text("one") with { Fin = false }, Frame.Text("two")]);
        AddFail(cases, "binary-in-text", "A binary message inside a fragmented text message.", Rfc6455.NoInterleaving,
            [Frame.Text("one") with { Fin = false }, Frame.Binary(new byte[3])]);
        AddFail(cases, "text-in-binary", "A text message inside a fragmented binary message.", Rfc6455.NoInterleaving,
            [Frame.Binary(new byte[3]) with { Fin = false }, Frame.Text("two")]);
        AddFail(cases, "two-beginnings", "Two first fragments of text in a row.", Rfc6455.NoInterleaving,
            [Frame.Text("one") with { Fin = false }, Frame.Text("two") with { Fin = false }, Frame.Continuation("three")]);
        AddFail(cases, "empty-beginning-then-text", "An empty first fragment, then a whole text message.", Rfc6455.NoInterleaving,
            [Frame.Text("") with { Fin = false }, Frame.Text("two")]);

        cases.Add("continuation-after-message", "A complete fragmented message, then a continuation frame.", Rfc6455.FragmentSequence,
            "the message is echoed, then the connection is failed with 1002.", async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(Frame.Text("one") with { Fin = false }, Frame.Continuation("two"), Frame.Continuation("orphan"));
            await peer.ExpectFailAfterAsync(1002, Frame.Text("onetwo"));
        });

        cases.Add("continuation-after-ping", "A ping, then a continuation frame.", Rfc6455.FragmentSequence,
            "a ping begins no message: the connection is failed with 1002.", async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(Frame.Ping("p"));
            await peer.ExpectPongAsync("p"u8.ToArray());
            await peer.SendAsync(Frame.Continuation("orphan"));
            await peer.ExpectFailAsync(1002);
        });
    }

    private static void AddFail(CaseList cases, string name, string title, Clause clause, Frame[] frames)
    {
        foreach (var together in (bool[])[true, false])
        {
            cases.Add(together ? name : name + "-writes", $"{title} {(together ? "In one write." : "A write each.")}", clause,
                Expected.FailProtocol, async c =>
            {
                var peer = await c.OpenAsync();
                await (together ? peer.SendAsync(frames) : peer.SendEachAsync(frames));
                await peer.ExpectFailAsync(1002);
            });
        }
    }
}
