namespace RawWs.Conformance;

/// <summary>Messages that are small on the wire and large in memory, at the exact limit and beyond.</summary>
internal static class DeflateBombCases
{
    public static CaseList Create(ConformanceOptions options)
    {
        var cases = new CaseList("deflate-bomb");
        var limit = options.MaxMessageSize;
        foreach (var below in (int[])[0, 1])
        {
            cases.Add($"at-limit-minus-{below}", $"{limit - below} zeros, compressed, where the limit is {limit}.", Rfc6455.SizeLimits,
                "a limit is what is still allowed: " + Expected.Echo, async c =>
            {
                var peer = await c.OpenDeflateAsync();
                await peer.SendAsync(Bomb(limit - below));
                await peer.ExpectEchoAsync(Frame.Binary(new byte[limit - below]));
            });
        }

        foreach (var (name, size) in ((string, long)[])[("plus-1", limit + 1L), ("times-2", limit * 2L), ("times-20", limit * 20L)])
        {
            AddTooBig(cases, name, $"{size} zeros, compressed, where the limit is {limit}.", () => [Bomb(size)]);
            AddTooBig(cases, name + "-fragments", $"{size} zeros, compressed, in fragments of 1000 bytes.",
                () => Frame.Fragments(Opcode.Binary, Bomb(size).Payload, 1000, Frame.Rsv1));
        }

        AddTooBig(cases, "text", $"{limit} + 1 letters of text, compressed.",
            () => [Bomb(limit + 1L, (byte)'a') with { Opcode = Opcode.Text }]);

        cases.Add("last-byte-in-last-fragment", "A bomb whose last byte beyond the limit is in a fragment of its own.", Rfc6455.TooBig,
            Expected.FailTooBig, async c =>
        {
            var peer = await c.OpenDeflateAsync();
            var last = new BitWriter().Stored("!"u8).EndMessage();
            await peer.SendAsync(Bomb(limit) with { Payload = (byte[])[.. Bomb(limit).Payload.Span, 0, 0, 0xFF, 0xFF], Fin = false },
                Frame.Continuation(last));
            await peer.ExpectFailAsync(1009);
        });

        cases.Add("limit-is-per-message", "Four compressed messages of half the limit.", Rfc6455.SizeLimits, "each comes back.", async c =>
        {
            var peer = await c.OpenDeflateAsync();
            for (var i = 0; i < 4; i++)
            {
                await peer.SendAsync(Bomb(limit / 2));
                await peer.ExpectEchoAsync(Frame.Binary(new byte[limit / 2]));
            }
        }, CaseTraits.Bulky);

        cases.Add("incompressible-at-limit", $"{limit} random bytes in stored blocks, whose frame is therefore larger than the limit.",
            Rfc6455.SizeLimits, "the limit is of the message, not of its compressed form; RFC 6455 leaves it to the server what it limits.",
            async c =>
        {
            var peer = await c.OpenDeflateAsync();
            var message = c.RandomBytes(limit);
            var writer = new BitWriter();
            for (var offset = 0; offset < limit; offset += 65_535)
                writer.Stored(message.AsSpan(offset, Math.Min(65_535, limit - offset)));
            await peer.SendAsync(DeflateWireCases.Compressed(writer.EndMessage(), Opcode.Binary));
            var received = await peer.ReceiveAsync();
            if (received.Kind == ReceivedKind.Message)
            {
                RawPeer.RequireEchoOf(received, [Frame.Binary(message)]);
                return;
            }

            c.Verdict(Outcome.Informational, $"the server limits the compressed form too: {received}");
            await peer.JudgeFailureAsync(received, 1009);
        }, CaseTraits.Bulky);
        return cases;
    }

    private static Frame Bomb(long size, byte octet = 0)
    {
        var chunk = new byte[1 << 16];
        chunk.AsSpan().Fill(octet);
        using var output = new MemoryStream();
        using (var stream = new System.IO.Compression.DeflateStream(output, System.IO.Compression.CompressionLevel.SmallestSize,
            leaveOpen: true))
        {
            for (var left = size; left > 0; left -= chunk.Length)
                stream.Write(chunk, 0, (int)Math.Min(left, chunk.Length));
            stream.Flush();
            return DeflateWireCases.Compressed(output.ToArray()[..^4], Opcode.Binary);
        }
    }

    private static void AddTooBig(CaseList cases, string name, string title, Func<Frame[]> message) =>
        cases.Add($"over-limit-{name}", title, Rfc6455.TooBig, Expected.FailTooBig, async c =>
        {
            var peer = await c.OpenDeflateAsync();
            await peer.SendAsync(message());
            await peer.ExpectFailAsync(1009);
        }, CaseTraits.Bulky);
}
