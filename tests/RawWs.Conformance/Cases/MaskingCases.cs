namespace RawWs.Conformance;

/// <summary>Masking (RFC 6455 §5.1 and §5.3), which Autobahn leaves out.</summary>
internal static class MaskingCases
{
    public static CaseList Create()
    {
        var cases = new CaseList("masking");
        AddUnmasked(cases);

        foreach (var (name, key) in ((string, uint)[])[("zero", 0u), ("ones", uint.MaxValue), ("first-byte", 0xFF000000),
            ("last-byte", 0x000000FF), ("rfc", 0x37FA213D), ("alternating", 0x00FF00FF)])
        {
            foreach (var size in (int[])[5, 300, 70_000])
            {
                cases.Add($"key-{name}-{size}", $"A binary message of {size} bytes with the masking key {key:x8}.", Rfc6455.MaskAlgorithm,
                    Expected.Echo, async c =>
                    await (await c.OpenAsync()).EchoAsync(Frame.Binary(c.RandomBytes(size)) with { MaskingKey = key }));
            }
        }

        // Vectorised unmasking goes wrong at lengths and offsets, so every remainder of 64 is tried.
        foreach (var size in Enumerable.Range(0, 14).Select(i => 9 + (i * 11)))
        {
            cases.Add($"remainder-{size}", $"Binary messages of {size} to {size + 10} bytes in one write.", Rfc6455.MaskAlgorithm,
                "each comes back, in order.", async c =>
            {
                var peer = await c.OpenAsync();
                var frames = Enumerable.Range(size, 11).Select(length => Frame.Binary(c.RandomBytes(length))).ToArray();
                await peer.SendAsync(frames);
                foreach (var frame in frames)
                    await peer.ExpectEchoAsync(frame);
            });
        }

        foreach (var cut in (int[])[1, 2, 3, 5, 6, 7])
        {
            cases.Add($"payload-cut-at-{cut}", $"A binary frame whose payload arrives in writes of {cut} bytes.", Rfc6455.MaskAlgorithm,
                "the index into the key goes on across segments: " + Expected.Echo, async c =>
            {
                var peer = await c.OpenAsync();
                var frame = Frame.Binary(c.RandomBytes(200));
                await peer.SendInWritesOfAsync(frame.ToBytes(c.Random), cut, frame.ToString());
                await peer.ExpectEchoAsync(frame);
            });
        }

        cases.Add("key-per-fragment", "Five fragments, each with its own key.", Rfc6455.MaskAlgorithm,
            "each frame is unmasked with its own key, from its own first octet: " + Expected.Echo, async c =>
        {
            var frames = Frame.Fragments(Opcode.Binary, c.RandomBytes(333), 67);
            for (var i = 0; i < frames.Length; i++)
                frames[i] = frames[i] with { MaskingKey = 0x01020304u * (uint)(i + 1) };
            await (await c.OpenAsync()).EchoAsync(frames);
        });

        cases.Add("payload-is-key", "A payload that masking turns to zeros.", Rfc6455.MaskAlgorithm, Expected.Echo, async c =>
            await (await c.OpenAsync()).EchoAsync(Frame.Binary(Enumerable.Range(0,
                40).Select(i => (byte)(0x11 * ((i & 3) + 1))).ToArray()) with
            { MaskingKey = 0x11223344 }));

        cases.Add("masked-utf8-split", "Text whose characters straddle fragments with different keys.", Rfc6455.MaskAlgorithm,
            Expected.Echo, async c =>
            await (await c.OpenAsync()).EchoAsync(Frame.Fragments(Opcode.Text, Payloads.Text(210), 5)));
        return cases;
    }

    private static void AddUnmasked(CaseList cases)
    {
        foreach (var opcode in (Opcode[])[Opcode.Text, Opcode.Binary, Opcode.Ping, Opcode.Pong, Opcode.Close])
        {
            foreach (var size in (int[])[0, 5, 125])
            {
                cases.Add($"unmasked-{opcode.ToString().ToLowerInvariant()}-{size}", $"An unmasked {opcode} frame of {size} bytes.",
                    Rfc6455.Masking, Expected.FailProtocol, async c =>
                {
                    var peer = await c.OpenAsync();
                    ReadOnlyMemory<byte> payload = opcode == Opcode.Close && size > 0 ? Frame.CloseBody(1000,
                        Payloads.Text(size - 2)) : Payloads.Text(size);
                    await peer.SendAsync(new Frame(opcode, payload) { Masked = false });
                    await peer.ExpectFailAsync(1002);
                });
            }
        }

        foreach (var size in (int[])[126, 65_536])
        {
            cases.Add($"unmasked-text-{size}", $"An unmasked text frame of {size} bytes.", Rfc6455.Masking, Expected.FailProtocol,
                async c =>
            {
                var peer = await c.OpenAsync();
                await peer.SendAsync(Frame.Text(Payloads.Text(size)) with { Masked = false });
                await peer.ExpectFailAsync(1002);
            });
        }

        cases.Add("unmasked-after-masked", "A masked text message, then an unmasked one, then a ping; in one write.", Rfc6455.Masking,
            "the first is echoed, then the connection is closed and the ping not answered.", async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(Frame.Text("masked"), Frame.Text("unmasked") with { Masked = false }, Frame.Ping("p"));
            await peer.ExpectFailAfterAsync(1002, Frame.Text("masked"));
        });

        cases.Add("unmasked-continuation", "A masked first fragment, then an unmasked continuation frame.", Rfc6455.Masking,
            Expected.FailProtocol, async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(Frame.Text("masked") with { Fin = false }, Frame.Continuation("unmasked") with { Masked = false });
            await peer.ExpectFailAsync(1002);
        });

        cases.Add("unmasked-header-only", "The header of an unmasked binary frame that announces 1 MiB, and no payload.", Rfc6455.Masking,
            "the MASK bit alone is enough to close the connection.", async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendPartAsync(Frame.Binary(c.RandomBytes(1 << 20)) with { Masked = false }, 10);
            await FailFast.ExpectAsync(c, peer, 1002, () => peer.SendBytesAsync(c.RandomBytes(1 << 20), "the payload"));
        }, CaseTraits.Bulky);
    }
}
