using static RawWs.Conformance.FixedHuffman;

namespace RawWs.Conformance;

/// <summary>Compressed data written by hand: the examples of RFC 7692 §7.2.3, every kind of block, and data that is broken.</summary>
internal static class DeflateWireCases
{
    private static readonly byte[] Hello = Convert.FromHexString("f248cdc9c90700");

    public static CaseList Create()
    {
        var cases = new CaseList("deflate-wire");
        AddExamples(cases);
        AddBlocks(cases);
        AddFinalBlocks(cases);
        AddFragments(cases);
        AddContext(cases);
        DeflateBrokenCases.Add(cases);
        return cases;
    }

    /// <summary>A compressed text message of one frame.</summary>
    public static Frame Compressed(byte[] payload, Opcode opcode = Opcode.Text) => new(opcode, payload) { Rsv = Frame.Rsv1 };

    private static void AddExamples(CaseList cases)
    {
        AddEcho(cases, "hello", "“Hello” in one fixed block (§7.2.3.1).", Rfc7692.Compression, "Hello", Hello);
        AddEcho(cases, "hello-stored", "“Hello” in a block without compression (§7.2.3.3).", Rfc7692.Blocks, "Hello",
            Convert.FromHexString("000500faff48656c6c6f00"));
        AddEcho(cases, "hello-bfinal", "“Hello” in a block with BFINAL (§7.2.3.4).", Rfc7692.FinalBlock, "Hello",
            Convert.FromHexString("f348cdc9c9070000"));
        AddEcho(cases, "hello-two-blocks", "“Hello” in two blocks (§7.2.3.5).", Rfc7692.Blocks, "Hello",
            Convert.FromHexString("f24805000000ffffcac9c90700"));
        AddEcho(cases, "empty", "The empty message 0x00 (§7.2.3.6).", Rfc7692.Empty, "", [0]);
        AddEcho(cases, "empty-fixed-block", "The empty message as an empty fixed block.", Rfc7692.Empty, "", [2, 0]);
        AddEcho(cases, "empty-bfinal", "The empty message as an empty fixed block with BFINAL.", Rfc7692.FinalBlock, "", [3, 0, 0]);

        cases.Add("hello-takeover", "“Hello” twice, the second time as a reference to the first (§7.2.3.2).", Rfc7692.Takeover,
            "both come back.", async c =>
        {
            var peer = await OpenWithTakeoverAsync(c);
            await peer.SendAsync(Compressed(Hello), Compressed(Convert.FromHexString("f200110000")));
            await peer.ExpectEchoAsync(Frame.Text("Hello"));
            await peer.ExpectEchoAsync(Frame.Text("Hello"));
        });

        cases.Add("no-payload", "A frame with RSV1 and no payload at all, which is no DEFLATE data.", Rfc7692.Empty,
            "an empty message or a failed connection, but no wait.", async c =>
        {
            var peer = await c.OpenDeflateAsync();
            await peer.SendAsync(Compressed([]));
            var received = await peer.ReceiveAsync();
            c.Verdict(Outcome.Informational, $"answered by {received}");
            if (received.Kind == ReceivedKind.Message)
                RawPeer.RequireEchoOf(received, [Frame.Text("")]);
            else
                await peer.JudgeFailureAsync(received, 1007, 1002);
        });
    }

    private static void AddBlocks(CaseList cases)
    {
        var large = Payloads.Text(65_535);
        AddEcho(cases, "stored-65535", "A stored block of 65 535 bytes, the largest.", Rfc7692.Blocks, large,
            new BitWriter().Stored(large).EndMessage());
        AddEcho(cases, "stored-empty-thousand", "A thousand empty stored blocks, then a character.", Rfc7692.Blocks, "!"u8.ToArray(),
            Repeat(new BitWriter(), 1000, writer => writer.Stored([])).Stored("!"u8).EndMessage());
        AddEcho(cases, "fixed-empty-thousand", "A thousand empty fixed blocks, then a character.", Rfc7692.Blocks, "!"u8.ToArray(),
            Repeat(new BitWriter(), 1000, writer => writer.BeginFixed().Symbol(EndOfBlock)).Stored("!"u8).EndMessage());
        AddEcho(cases, "stored-of-one", "A hundred stored blocks of one byte.", Rfc7692.Blocks, new string('s', 100),
            Repeat(new BitWriter(), 100, writer => writer.Stored("s"u8)).EndMessage());
        AddEcho(cases, "every-type", "A stored, a fixed and a stored block.", Rfc7692.Blocks, "onetwothree",
            new BitWriter().Stored("one"u8).BeginFixed().Literals("two"u8).Symbol(EndOfBlock).Stored("three"u8).EndMessage());
        AddEcho(cases, "longest-match", "A match of 258 bytes at distance 1.", Rfc7692.Blocks, new string('a', 259),
            new BitWriter().BeginFixed().Literals("a"u8).Match(258, 1).Symbol(EndOfBlock).EndMessage());
        AddEcho(cases, "tail-not-removed", "“Hello” with the 00 00 FF FF that the sender should have removed.", Rfc7692.Compression,
            "Hello"u8.ToArray(), [.. Hello, 0, 0, 0xFF, 0xFF], Outcome.Informational);

        var far = new byte[32_768 + 3];
        for (var i = 0; i < far.Length; i++)
            far[i] = (byte)('a' + (i % 32_768 % 23));
        AddEcho(cases, "distance-32768", "A match at distance 32 768, the farthest.", Rfc7692.Blocks, far,
            new BitWriter().BeginFixed().Literals(far.AsSpan(0, 32_768)).Match(3, 32_768).Symbol(EndOfBlock).EndMessage());
        AddEcho(cases, "dynamic", "4 KiB of words in dynamic blocks.", Rfc7692.Blocks, Payloads.Words(4096, new Random(7)),
            DynamicOf(Payloads.Words(4096, new Random(7))));
    }

    private static void AddFinalBlocks(CaseList cases)
    {
        var final = new BitWriter().BeginFixed(final: true).Literals("Hel"u8).Symbol(EndOfBlock).Align();
        AddEcho(cases, "bfinal-in-the-middle", "A block with BFINAL, padding, and one more block in the same message.", Rfc7692.FinalBlock,
            "Hello", final.BeginFixed().Literals("lo"u8).Symbol(EndOfBlock).EndMessage());
        AddEcho(cases, "bfinal-every-block", "Five blocks, each with BFINAL.", Rfc7692.FinalBlock, "ababababab",
            Repeat(new BitWriter(), 5, writer => writer.BeginFixed(final: true).Literals("ab"u8).Symbol(EndOfBlock).Align()).EndMessage());
        AddEcho(cases, "bfinal-stored", "A stored block with BFINAL.", Rfc7692.FinalBlock, "Hello",
            new BitWriter().Stored("Hello"u8, final: true).EndMessage());
        AddEcho(cases, "bfinal-stored-in-the-middle", "A stored block with BFINAL, then a fixed one.", Rfc7692.FinalBlock, "Hello",
            new BitWriter().Stored("Hel"u8, final: true).BeginFixed().Literals("lo"u8).Symbol(EndOfBlock).EndMessage());

        cases.Add("bfinal-then-next-message", "A message that ends with BFINAL, then two more that do not.", Rfc7692.FinalBlock,
            "the end of a DEFLATE stream is not the end of the connection: all three come back.", async c =>
        {
            var peer = await c.OpenDeflateAsync();
            foreach (var payload in (byte[][])[Convert.FromHexString("f348cdc9c9070000"), Hello, Convert.FromHexString("f348cdc9c9070000"),
                Hello])
            {
                await peer.SendAsync(Compressed(payload));
                await peer.ExpectEchoAsync(Frame.Text("Hello"));
            }
        });

        cases.Add("bfinal-thousand-messages", "A thousand messages that end with BFINAL, without a pause.", Rfc7692.FinalBlock,
            "all come back.", async c =>
        {
            var peer = await c.OpenDeflateAsync();
            await peer.SendAsync([.. Enumerable.Repeat(Compressed(Convert.FromHexString("f348cdc9c9070000")), 1000)]);
            for (var i = 0; i < 1000; i++)
                await peer.ExpectEchoAsync(Frame.Text("Hello"));
        });
    }

    private static void AddFragments(CaseList cases)
    {
        for (var cut = 0; cut <= Hello.Length; cut++)
        {
            var at = cut;
            cases.Add($"hello-cut-at-{cut}", $"“Hello” in two fragments, cut after {cut} bytes.", Rfc7692.Compression, Expected.Echo,
                async c =>
            {
                var peer = await c.OpenDeflateAsync();
                await peer.SendAsync(Compressed(Hello[..at]) with { Fin = false }, Frame.Continuation(Hello[at..]));
                await peer.ExpectEchoAsync(Frame.Text("Hello"));
            });
        }

        cases.Add("every-byte-a-frame", "3000 bytes of words, each compressed byte in a frame of its own, a ping in the middle.",
            Rfc7692.Compression, "pong and message come back.", async c =>
        {
            var peer = await c.OpenDeflateAsync();
            var text = Payloads.Words(3000, c.Random);
            var frames = Frame.Fragments(Opcode.Text, DynamicOf(text), 1, Frame.Rsv1).ToList();
            frames.Insert(frames.Count / 2, Frame.Ping("p"));
            await peer.SendAsync([.. frames]);
            await peer.ExpectPongAndMessageAsync("p"u8.ToArray(), Opcode.Text, text);
        });

        cases.Add("empty-fragments", "“Hello” with empty fragments before, in and after it.", Rfc7692.Compression, Expected.Echo, async c =>
        {
            var peer = await c.OpenDeflateAsync();
            await peer.SendAsync(Compressed([]) with { Fin = false }, Frame.Continuation(Hello[..3]) with { Fin = false },
                Frame.Continuation("") with { Fin = false }, Frame.Continuation(Hello[3..]) with { Fin = false }, Frame.Continuation(""));
            await peer.ExpectEchoAsync(Frame.Text("Hello"));
        });

        cases.Add("character-across-fragments", "Text whose characters straddle compressed fragments.", Rfc6455.TextIsUtf8, Expected.Echo,
            async c =>
        {
            var peer = await c.OpenDeflateAsync();
            var text = Payloads.Text(500);
            await peer.SendAsync(Frame.Fragments(Opcode.Text, new BitWriter().Stored(text).EndMessage(), 7, Frame.Rsv1));
            await peer.ExpectEchoAsync(Frame.Text(text));
        });
    }

    private static void AddContext(CaseList cases)
    {
        cases.Add("mixed", "Compressed and uncompressed messages in turn; the compressed ones refer to each other.", Rfc7692.Mixed,
            "all come back: an uncompressed message is not part of the window.", async c =>
        {
            var peer = await OpenWithTakeoverAsync(c);
            var deflater = new WindowDeflater(peer.Deflate!.ClientMaxWindowBits ?? 15, contextTakeover: true);
            for (var i = 0; i < 10; i++)
            {
                var message = Payloads.Words(200 + (i * 50), c.Random);
                await peer.SendAsync(i % 2 == 0 ? Compressed(deflater.Compress(message)) : Frame.Text(message));
                await peer.ExpectEchoAsync(Frame.Text(message));
            }
        });

        foreach (var bits in (int[])[8, 9, 15])
        {
            cases.Add($"distance-of-window-{bits}",
                $"client_max_window_bits={bits}, and references of exactly {1 << bits} bytes, across messages.", Rfc7692.Windows,
                "what was agreed is decompressed.", async c =>
            {
                var peer = await new DeflateOffer { ClientMaxWindowBits = bits }.OpenAsync(c);
                if (peer.Deflate!.ClientNoContextTakeover || (peer.Deflate.ClientMaxWindowBits ?? 15) < bits)
                    throw new VerdictException(Outcome.Unimplemented, "the server asks for a smaller window or for no context takeover");
                var block = Payloads.Words(1 << bits, c.Random);
                await peer.SendAsync(Compressed(new BitWriter().BeginFixed().Literals(block).Symbol(EndOfBlock).EndMessage()));
                await peer.ExpectEchoAsync(Frame.Text(block));
                await peer.SendAsync(Compressed(new BitWriter().BeginFixed().Match(200, 1 << bits).Symbol(EndOfBlock).EndMessage()));
                await peer.ExpectEchoAsync(Frame.Text(block[..200]));
            });
        }

        cases.Add("thousand-with-takeover", "A thousand messages with context takeover, without a pause.", Rfc7692.Takeover,
            "all come back.", async c =>
        {
            var peer = await OpenWithTakeoverAsync(c);
            var deflater = new WindowDeflater(peer.Deflate!.ClientMaxWindowBits ?? 12, contextTakeover: true);
            var messages = Enumerable.Range(0, 1000).Select(i => Payloads.Words(30 + (i % 50), c.Random)).ToArray();
            await peer.SendAsync([.. messages.Select(message => Compressed(deflater.Compress(message)))]);
            foreach (var message in messages)
                await peer.ExpectEchoAsync(Frame.Text(message));
        }, CaseTraits.Bulky);
    }

    private static async Task<RawPeer> OpenWithTakeoverAsync(CaseContext c)
    {
        var peer = await c.OpenDeflateAsync();
        return peer.Deflate!.ClientNoContextTakeover
            ? throw new VerdictException(Outcome.Unimplemented, "the server asks for client_no_context_takeover")
            : peer;
    }

    private static void AddEcho(CaseList cases, string name, string title, Clause clause, string text, byte[] payload) =>
        AddEcho(cases, name, title, clause, System.Text.Encoding.UTF8.GetBytes(text), payload);

    private static void AddEcho(CaseList cases, string name, string title, Clause clause, byte[] text, byte[] payload,
        Outcome ifFailed = Outcome.Failed) =>
        cases.Add(name, title, clause, Expected.Echo, async c =>
        {
            var peer = await c.OpenDeflateAsync();
            await peer.SendAsync(Compressed(payload));
            var received = await peer.ReceiveAsync();
            if (ifFailed != Outcome.Failed && received.Kind != ReceivedKind.Message)
            {
                c.Verdict(ifFailed, $"answered by {received}");
                await peer.JudgeFailureAsync(received, 1007, 1002);
                return;
            }

            RawPeer.RequireEchoOf(received, [Frame.Text(text)]);
        });

    private static BitWriter Repeat(BitWriter writer, int count, Func<BitWriter, BitWriter> write)
    {
        for (var i = 0; i < count; i++)
            write(writer);
        return writer;
    }

    private static byte[] DynamicOf(byte[] text)
    {
        using var deflater = new DynamicDeflater(contextTakeover: false);
        return deflater.Compress(text);
    }
}
