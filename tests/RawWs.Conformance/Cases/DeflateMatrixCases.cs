namespace RawWs.Conformance;

/// <summary>permessage-deflate: every kind of agreement, and messages of every size under the common ones.</summary>
internal static class DeflateMatrixCases
{
    public static CaseList Agreements()
    {
        var cases = new CaseList("deflate-agreement");
        foreach (var server in (int?[])[null, 8, 9, 10, 12, 15])
        {
            foreach (var client in (int?[])[null, 0, 8, 9, 10, 12, 15])
            {
                foreach (var (serverReset, clientReset) in ((bool, bool)[])[(false, false), (false, true), (true, false), (true, true)])
                {
                    var offer = new DeflateOffer
                    {
                        ServerMaxWindowBits = server,
                        ClientMaxWindowBits = client,
                        ServerNoContextTakeover = serverReset,
                        ClientNoContextTakeover = clientReset,
                    };
                    cases.Add(offer.Name, $"Offer “{offer}”, then four messages that tempt a compressor to look back far.", Rfc7692.Windows,
                        "declined, or accepted in a way that the offer allows and that the server's own data keeps to.",
                            c => EchoTemptingAsync(c, offer));
                }
            }
        }

        return cases;
    }

    public static CaseList Sizes()
    {
        var cases = new CaseList("deflate-sizes");
        DeflateOffer[] offers =
        [
            new() { ClientMaxWindowBits = 0 },
            new() { ServerNoContextTakeover = true, ClientNoContextTakeover = true },
            new() { ServerNoContextTakeover = true },
            new() { ClientNoContextTakeover = true },
            new() { ServerMaxWindowBits = 9, ClientMaxWindowBits = 9 },
            new() { ServerMaxWindowBits = 15, ClientMaxWindowBits = 15 },
            new() { ServerNoContextTakeover = true, ClientNoContextTakeover = true, ServerMaxWindowBits = 9, ClientMaxWindowBits = 9 },
        ];

        foreach (var offer in offers)
        {
            foreach (var size in (int[])[0, 16, 64, 256, 1024, 4096, 8192, 16_384, 32_768, 65_536, 131_072])
                AddMessages(cases, offer, size, int.MaxValue);
            foreach (var fragment in (int[])[128, 256, 512, 1024, 2048, 4096, 8192, 32_768])
                AddMessages(cases, offer, 131_072, fragment);
        }

        return cases;
    }

    private static void AddMessages(CaseList cases, DeflateOffer offer, int size, int fragment)
    {
        var count = Math.Clamp((1 << 19) / Math.Max(1, size), 4, 100);
        var cut = fragment == int.MaxValue ? "" : $"-by-{fragment}";
        cases.Add($"{offer.Name}-{size}{cut}",
            $"{count} messages of {size} bytes, text and binary in turn{(cut.Length == 0 ? "" : $", compressed and cut into fragments of {fragment}")}; offer “{offer}”.",
            Rfc7692.Compression, "each comes back, in order.", async c =>
            {
                var peer = await offer.OpenAsync(c);
                using var deflater = new DynamicDeflater(!peer.Deflate!.ClientNoContextTakeover);
                var narrow = new WindowDeflater(peer.Deflate.ClientMaxWindowBits ?? 15, !peer.Deflate.ClientNoContextTakeover);
                var rounds = c.Options.Chop == ChopMode.OneByte ? 2 : count;
                for (var i = 0; i < rounds; i++)
                {
                    // Our fast compressor always uses the whole window of 32 KiB.
                    var message = Payloads.Words(size, c.Random);
                    var compressed = peer.Deflate.ClientMaxWindowBits is null or 15 ? deflater.Compress(message) : narrow.Compress(message);
                    var opcode = i % 2 == 0 ? Opcode.Text : Opcode.Binary;
                    await peer.SendAsync(Frame.Fragments(opcode, compressed, Math.Min(fragment, Math.Max(1, compressed.Length)),
                        Frame.Rsv1));
                    await peer.ExpectMessageAsync(opcode, message);
                }
            });
    }

    private static async Task EchoTemptingAsync(CaseContext c, DeflateOffer offer)
    {
        var peer = await offer.OpenAsync(c);
        var session = peer.Deflate!;
        var deflater = new WindowDeflater(session.ClientMaxWindowBits ?? (offer.ClientMaxWindowBits is > 0 and var bits ? bits : 15),
            !session.ClientNoContextTakeover);
        var message = Tempting(c);
        var compressed = 0;

        foreach (var one in (byte[][])[message, message[..2000], message, message[1000..3000]])
        {
            await peer.SendAsync(Frame.Binary(deflater.Compress(one)) with { Rsv = Frame.Rsv1 });
            if ((await peer.ExpectMessageAsync(Opcode.Binary, one)).Compressed)
                compressed++;
        }

        c.Note($"server {session.ServerMaxWindowBits?.ToString() ?? "-"}, client {session.ClientMaxWindowBits?.ToString() ?? "-"}; {compressed} of 4 answers compressed; farthest reference {session.FarthestDistance}");
    }

    /// <summary>The same 200 random bytes again and again, at growing distances, with noise between.</summary>
    private static byte[] Tempting(CaseContext c)
    {
        var block = c.RandomBytes(200);
        var bytes = new List<byte>(block);
        foreach (var gap in (int[])[40, 280, 700, 1700, 3700, 7800, 14_000])
            bytes.AddRange([.. c.RandomBytes(gap), .. block]);
        return [.. bytes];
    }
}
