namespace RawWs.Conformance;

/// <summary>Frames of every length class, coalesced and cut in every place.</summary>
internal static class FramingCases
{
    private static readonly int[] Sizes =
        [0, 1, 2, 3, 4, 7, 8, 16, 31, 64, 124, 125, 126, 127, 128, 129, 255, 256, 257, 1000, 4095, 4096, 4097, 16_384, 32_767, 32_768,
            65_534, 65_535, 65_536, 65_537, 131_072];

    public static CaseList Create()
    {
        var cases = new CaseList("framing");
        foreach (var size in Sizes)
        {
            cases.Add($"text-{size}", $"A text message of {size} bytes.", Rfc6455.PayloadLength, Expected.Echo, async c =>
                await (await c.OpenAsync()).EchoAsync(Frame.Text(Payloads.Text(size))));
            cases.Add($"binary-{size}", $"A binary message of {size} random bytes.", Rfc6455.PayloadLength, Expected.Echo, async c =>
                await (await c.OpenAsync()).EchoAsync(Frame.Binary(c.RandomBytes(size))));
        }

        AddSplits(cases);
        AddCoalesced(cases);
        return cases;
    }

    private static void AddSplits(CaseList cases)
    {
        // 14 bytes are the longest header; every cut inside it is a state of the server's parser.
        foreach (var size in (int[])[5, 200, 70_000])
        {
            var headerLength = size switch { < 126 => 6, <= 65_535 => 8, _ => 14 };
            for (var cut = 1; cut <= headerLength; cut++)
            {
                var at = cut;
                cases.Add($"split-{size}-at-{cut}", $"A binary frame of {size} bytes, cut after {cut} bytes of it.", Rfc6455.Segmentation,
                    Expected.Echo, async c =>
                {
                    var peer = await c.OpenAsync();
                    var frame = Frame.Binary(c.RandomBytes(size));
                    var bytes = frame.ToBytes(c.Random);
                    await peer.SendBytesAsync(bytes.AsMemory(0, at), $"the first {at} bytes of {frame}");
                    await Task.Delay(20, c.CancellationToken);
                    await peer.SendBytesAsync(bytes.AsMemory(at), "the rest");
                    await peer.ExpectEchoAsync(frame);
                });
            }
        }

        foreach (var size in (int[])[1, 2, 3, 5, 7])
        {
            cases.Add($"writes-of-{size}", $"A text message of 300 bytes in writes of {size}.", Rfc6455.Segmentation, Expected.Echo,
                async c =>
            {
                var peer = await c.OpenAsync();
                var frame = Frame.Text(Payloads.Text(300));
                await peer.SendInWritesOfAsync(frame.ToBytes(c.Random), size, frame.ToString());
                await peer.ExpectEchoAsync(frame);
            });
        }
    }

    private static void AddCoalesced(CaseList cases)
    {
        foreach (var count in (int[])[2, 10, 1000])
        {
            cases.Add($"coalesced-{count}", $"{count} text messages in one write.", Rfc6455.Segmentation, "each comes back, in order.",
                async c =>
            {
                var peer = await c.OpenAsync();
                var frames = Enumerable.Range(0, count).Select(i => Frame.Text($"message {i}")).ToArray();
                await peer.SendAsync(frames);
                foreach (var frame in frames)
                    await peer.ExpectEchoAsync(frame);
            });
        }

        cases.Add("coalesced-types", "Text, binary, ping, empty text and empty binary in one write.", Rfc6455.Segmentation,
            "each is answered, in order.", async c =>
        {
            var peer = await c.OpenAsync();
            Frame[] frames = [Frame.Text("text"), Frame.Binary(c.RandomBytes(300)), Frame.Text(""), Frame.Binary(default)];
            await peer.SendAsync([.. frames, Frame.Ping("p")]);
            foreach (var frame in frames)
                await peer.ExpectEchoAsync(frame);
            await peer.ExpectPongAsync("p"u8.ToArray());
        });

        cases.Add("every-byte-value", "A binary message with every byte value.", Rfc6455.BinaryIsOpaque, Expected.Echo, async c =>
            await (await c.OpenAsync()).EchoAsync(Frame.Binary(Enumerable.Range(0, 256).Select(i => (byte)i).ToArray())));

        cases.Add("not-utf8-in-binary", "A binary message that is not UTF-8.", Rfc6455.BinaryIsOpaque, Expected.Echo, async c =>
            await (await c.OpenAsync()).EchoAsync(Frame.Binary(new byte[] { 0xFF, 0xFE, 0xC0, 0x80 })));

        cases.Add("alternating-types", "Twenty messages, text and binary in turn, each after the echo of the one before.",
            Rfc6455.PayloadLength, Expected.Echo, async c =>
        {
            var peer = await c.OpenAsync();
            for (var i = 0; i < 20; i++)
                await peer.EchoAsync(i % 2 == 0 ? Frame.Text(Payloads.Text(i * 7)) : Frame.Binary(c.RandomBytes(i * 7)));
        });
    }
}
