using static RawWs.Conformance.FixedHuffman;

namespace RawWs.Conformance;

/// <summary>Compressed data that is not what it says, and compressed data that is too much of it.</summary>
internal static class DeflateBrokenCases
{
    private static readonly byte[] Hello = Convert.FromHexString("f248cdc9c90700");

    public static void Add(CaseList cases)
    {
        AddFail(cases, "block-type-3", "A block of the reserved type 3.", [0x06, 0, 0, 0]);
        AddFail(cases, "block-type-3-final", "A block of the reserved type 3, with BFINAL.", [0x07, 0, 0, 0]);
        AddFail(cases, "stored-length-wrong", "A stored block whose NLEN is not the complement of LEN.",
            [0x00, 0x05, 0x00, 0x05, 0x00, .. "Hello"u8, 0x00]);
        AddFail(cases, "distance-before-beginning", "A match that refers to a byte before the first message.",
            new BitWriter().BeginFixed().Literals("a"u8).Match(3, 2).Symbol(EndOfBlock).EndMessage());
        AddFail(cases, "distance-first-symbol", "A match as the very first symbol.",
            new BitWriter().BeginFixed().Match(3, 1).Symbol(EndOfBlock).EndMessage());
        AddFail(cases, "length-symbol-286", "The reserved length symbol 286.",
            new BitWriter().BeginFixed().Literals("a"u8).Symbol(286).Code(0, 5).Symbol(EndOfBlock).EndMessage());
        AddFail(cases, "length-symbol-287", "The reserved length symbol 287.",
            new BitWriter().BeginFixed().Literals("a"u8).Symbol(287).Code(0, 5).Symbol(EndOfBlock).EndMessage());
        AddFail(cases, "distance-symbol-30", "The reserved distance symbol 30.",
            new BitWriter().BeginFixed().Literals("abc"u8).Symbol(257).Code(30, 5).Symbol(EndOfBlock).EndMessage());
        AddFail(cases, "distance-symbol-31", "The reserved distance symbol 31.",
            new BitWriter().BeginFixed().Literals("abc"u8).Symbol(257).Code(31, 5).Symbol(EndOfBlock).EndMessage());
        AddFail(cases, "dynamic-too-many-codes", "A dynamic block that announces 288 literal codes.",
            new BitWriter().Bits(0, 1).Bits(2, 2).Bits(31, 5).Bits(0, 5).Bits(0, 4).Bits(0, 30).ToArray());
        AddFail(cases, "dynamic-oversubscribed", "A dynamic block whose code lengths are oversubscribed.",
            new BitWriter().Bits(0, 1).Bits(2, 2).Bits(0, 5).Bits(0, 5).Bits(15, 4).Bits(0x1FFFFF >> 3, 18).Bits(0x1FFFFF,
            21).Bits(0x1FFFFF, 18).ToArray());
        AddFail(cases, "random-after-valid", "“Hello”, then a block of type 3 in the same message.",
            [.. new BitWriter().Stored("Hello"u8).Bits(6, 3).ToArray(), 0xFF]);
        AddFail(cases, "bfinal-then-garbage", "A block with BFINAL, then FF FF FF FF, in which the next block has the reserved type 3.",
            [.. Convert.FromHexString("f348cdc9c90700"), 0xFF, 0xFF, 0xFF, 0xFF]);
        AddUncertain(cases, "truncated", "The first four bytes of a compressed message.", [0xF2, 0x48, 0xCD, 0xC9]);
        AddUncertain(cases, "truncated-stored", "A stored block that ends before its LEN.", [0x00, 0x50, 0x00, 0xAF, 0xFF, .. "Hello"u8]);
        AddUncertain(cases, "bfinal-then-zeros", "A block with BFINAL, then 64 KiB of zeros.",
            [.. Convert.FromHexString("f348cdc9c90700"), .. new byte[65_536]]);

        AddBits(cases);
        AddText(cases);
        AddPromises(cases);
    }

    private static void AddFail(CaseList cases, string name, string title, byte[] payload) =>
        cases.Add($"broken-{name}", title, Rfc7692.Invalid,
            "the connection is failed with 1007 or 1002 (RFC 7692 names no code), and no message comes out of it.", async c =>
        {
            var peer = await c.OpenDeflateAsync();
            await peer.SendAsync(DeflateWireCases.Compressed(payload));
            var received = await peer.ReceiveAsync();
            await peer.JudgeFailureAsync(received, received.Code is 1002 ? 1002 : 1007);
        });

    // Appending 00 00 FF FF to half a block may make bits that decode to something: what must not happen is silence.
    private static void AddUncertain(CaseList cases, string name, string title, byte[] payload) =>
        cases.Add($"broken-{name}", title, Rfc7692.Invalid, "the server reacts: an endless loop here is a known denial of service.",
            async c =>
        {
            var peer = await c.OpenDeflateAsync();
            await peer.SendAsync(DeflateWireCases.Compressed(payload, Opcode.Binary));
            var received = await peer.ReceiveAsync();
            c.Verdict(Outcome.Informational, $"answered by {received}");
            if (received.Kind != ReceivedKind.Message)
                await peer.JudgeFailureAsync(received, received.Code is 1002 ? 1002 : 1007);
        });

    private static void AddBits(CaseList cases)
    {
        AddProtocolFail(cases, "rsv1-on-continuation", "RSV1 on a continuation frame.",
            [DeflateWireCases.Compressed(Hello[..3]) with { Fin = false }, Frame.Continuation(Hello[3..]) with { Rsv = Frame.Rsv1 }]);
        AddProtocolFail(cases, "rsv1-on-continuation-of-uncompressed", "RSV1 on the continuation of an uncompressed message.",
            [Frame.Text("Hel") with { Fin = false }, Frame.Continuation(Hello) with { Rsv = Frame.Rsv1 }]);
        AddProtocolFail(cases, "rsv1-on-ping", "RSV1 on a ping.", [Frame.Ping(Hello) with { Rsv = Frame.Rsv1 }]);
        AddProtocolFail(cases, "rsv1-on-pong", "RSV1 on a pong.", [Frame.Pong(Hello) with { Rsv = Frame.Rsv1 }]);
        AddProtocolFail(cases, "rsv1-on-close", "RSV1 on a close frame.", [Frame.Close(1000) with { Rsv = Frame.Rsv1 }]);
        foreach (var rsv in (int[])[1, 2, 3, 5, 6, 7])
            AddProtocolFail(cases, $"rsv-{rsv:b3}", $"A text frame with RSV bits {rsv:b3} where only RSV1 has been negotiated.",
                [Frame.Text(Hello) with { Rsv = rsv }]);
    }

    private static void AddProtocolFail(CaseList cases, string name, string title, Frame[] frames) =>
        cases.Add(name, title, Rfc7692.Bit, Expected.FailProtocol, async c =>
        {
            var peer = await c.OpenDeflateAsync();
            await peer.SendAsync(frames);
            await peer.ExpectFailAsync(1002);
        });

    private static void AddText(CaseList cases)
    {
        foreach (var (name,
            sequences) in Utf8Sequences.Invalid.Where(pair =>
            pair.Name is "overlong-slash" or "surrogate" or "truncated" or "out-of-range" or "after-valid"))
        {
            cases.Add($"utf8-{name}", $"A compressed text message of {sequences[0]}.", Rfc6455.InvalidUtf8, Expected.FailUtf8, async c =>
            {
                var peer = await c.OpenDeflateAsync();
                await peer.SendAsync(DeflateWireCases.Compressed(new BitWriter().Stored(Convert.FromHexString(sequences[0])).EndMessage()));
                await peer.ExpectFailAsync(1007);
            });
        }

        cases.Add("utf8-in-binary", "A compressed binary message that is not UTF-8.", Rfc6455.BinaryIsOpaque, Expected.Echo, async c =>
        {
            var peer = await c.OpenDeflateAsync();
            await peer.SendAsync(DeflateWireCases.Compressed(new BitWriter().Stored([0xFF, 0xFE]).EndMessage(), Opcode.Binary));
            await peer.ExpectEchoAsync(Frame.Binary(new byte[] { 0xFF, 0xFE }));
        });
    }

    private static void AddPromises(CaseList cases)
    {
        AddPromise(cases, "context-used-against-agreement",
            "client_no_context_takeover, and a second message that refers to the first nevertheless.",
            new DeflateOffer { ClientNoContextTakeover = true },
            session => session.ClientNoContextTakeover, 100);
        AddPromise(cases, "window-used-against-agreement", "client_max_window_bits=9, and a reference of 5000 bytes nevertheless.",
            new DeflateOffer { ClientMaxWindowBits = 9 },
            session => session.ClientMaxWindowBits == 9 && !session.ClientNoContextTakeover, 5000);
    }

    private static void AddPromise(CaseList cases, string name, string title, DeflateOffer offer, Func<DeflateSession, bool> agreed,
        int distance) =>
        cases.Add(name, title, Rfc7692.Takeover,
            "the connection is failed, or the message comes back as it was meant; other bytes would be the worst answer.", async c =>
        {
            var peer = await offer.OpenAsync(c);
            if (!agreed(peer.Deflate!))
                throw new VerdictException(Outcome.Unimplemented, "not agreed");
            var first = Payloads.Words(6000, c.Random);
            await peer.SendAsync(DeflateWireCases.Compressed(new BitWriter().Stored(first).EndMessage()));
            await peer.ExpectEchoAsync(Frame.Text(first));
            await peer.SendAsync(DeflateWireCases.Compressed(new BitWriter().BeginFixed().Match(50,
                distance).Symbol(EndOfBlock).EndMessage()));
            var received = await peer.ReceiveAsync();
            c.Verdict(Outcome.Informational, $"answered by {received}");
            if (received.Kind == ReceivedKind.Message)
                RawPeer.RequireEchoOf(received, [Frame.Text(first.AsMemory(6000 - distance, 50))]);
            else
                await peer.JudgeFailureAsync(received, received.Code is 1002 ? 1002 : 1007);
        });
}
