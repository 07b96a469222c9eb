namespace RawWs.Conformance;

/// <summary>Pings and pongs (RFC 6455 §5.5.2 and §5.5.3).</summary>
internal static class PingCases
{
    public static CaseList Create()
    {
        var cases = new CaseList("ping");
        foreach (var size in (int[])[0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 31, 32, 64, 100, 124, 125])
        {
            cases.Add($"size-{size}", $"A ping with {size} bytes of random application data.", Rfc6455.Pong, Expected.Pong, async c =>
            {
                var peer = await c.OpenAsync();
                var payload = c.RandomBytes(size);
                await peer.SendAsync(Frame.Ping(payload));
                await peer.ExpectPongAsync(payload);
            });
        }

        cases.Add("not-utf8", "A ping whose application data is not UTF-8.", Rfc6455.Pong, Expected.Pong, async c =>
        {
            var peer = await c.OpenAsync();
            byte[] payload = [0x00, 0xFF, 0xFE, 0xFD, 0xFC, 0xFB, 0x00, 0xFF];
            await peer.SendAsync(Frame.Ping(payload));
            await peer.ExpectPongAsync(payload);
        });

        cases.Add("125-bytewise", "A ping with 125 bytes, in writes of one byte.", Rfc6455.Pong, Expected.Pong, async c =>
        {
            var peer = await c.OpenAsync();
            var frame = Frame.Ping(c.RandomBytes(125));
            await peer.SendInWritesOfAsync(frame.ToBytes(c.Random), 1, frame.ToString());
            await peer.ExpectPongAsync(frame.Payload);
        });

        AddMany(cases);
        AddUnsolicitedPongs(cases);
        AddIllegal(cases);
        return cases;
    }

    private static void AddMany(CaseList cases)
    {
        foreach (var (name, count, each) in ((string, int, bool)[])[("ten", 10, true), ("ten-coalesced", 10, false),
            ("hundred-coalesced", 100, false)])
        {
            cases.Add(name, $"{count} pings, {(each ? "a write each" : "in one write")}.", Rfc6455.ManyPings,
                "pongs come back in order, the last in any case.", async c =>
            {
                var peer = await c.OpenAsync();
                var pings = Enumerable.Range(0, count).Select(i => Frame.Ping($"payload-{i}")).ToArray();
                await (each ? peer.SendEachAsync(pings) : peer.SendAsync(pings));
                await peer.ExpectPongsAsync([.. pings.Select(ping => ping.Payload)], many: count > 10);
            });
        }

        cases.Add("ten-bytewise", "Ten pings, in writes of one byte.", Rfc6455.ManyPings, "pongs come back in order, the last in any case.",
            async c =>
        {
            var peer = await c.OpenAsync();
            var pings = Enumerable.Range(0, 10).Select(i => Frame.Ping($"payload-{i}")).ToArray();
            foreach (var ping in pings)
                await peer.SendInWritesOfAsync(ping.ToBytes(c.Random), 1, ping.ToString());
            await peer.ExpectPongsAsync([.. pings.Select(ping => ping.Payload)]);
        });

        cases.Add("between-messages", "A ping between two text messages, in one write.", Rfc6455.Ping, "echo, pong and echo come back.",
            async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(Frame.Text("one"), Frame.Ping("p"), Frame.Text("two"));
            await peer.ExpectEchoAsync(Frame.Text("one"));
            await peer.ExpectPongAndMessageAsync("p"u8.ToArray(), Opcode.Text, "two"u8.ToArray());
        });
    }

    private static void AddUnsolicitedPongs(CaseList cases)
    {
        foreach (var size in (int[])[0, 10, 125])
        {
            cases.Add($"unsolicited-pong-{size}", $"A pong of {size} bytes that answers nothing, then a ping.", Rfc6455.UnsolicitedPong,
                "only the ping is answered.", async c =>
            {
                var peer = await c.OpenAsync();
                await peer.SendAsync(Frame.Pong(c.RandomBytes(size)));
                await peer.ExpectNothingMoreAsync();
            });
        }

        cases.Add("ten-unsolicited-pongs", "Ten pongs that answer nothing, then a ping.", Rfc6455.UnsolicitedPong,
            "only the ping is answered.", async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync([.. Enumerable.Range(0, 10).Select(i => Frame.Pong($"pong-{i}"))]);
            await peer.ExpectNothingMoreAsync();
        });

        cases.Add("pong-then-message", "A pong that answers nothing, then a text message.", Rfc6455.UnsolicitedPong, Expected.Echo,
            async c =>
            await (await c.OpenAsync()).EchoAsync(Frame.Pong("unsolicited"), Frame.Text("message")));
    }

    private static void AddIllegal(CaseList cases)
    {
        foreach (var (opcode, name) in ((Opcode, string)[])[(Opcode.Ping, "ping"), (Opcode.Pong, "pong")])
        {
            foreach (var size in (int[])[126, 127, 65_536])
            {
                cases.Add($"{name}-of-{size}", $"A {name} with {size} bytes.", Rfc6455.ControlFrames, Expected.FailProtocol, async c =>
                {
                    var peer = await c.OpenAsync();
                    await peer.SendAsync(new Frame(opcode, c.RandomBytes(size)));
                    await peer.ExpectFailAsync(1002);
                });
            }

            cases.Add($"{name}-header-of-126", $"The first two bytes of a {name} frame of 126 bytes, and no more.", Rfc6455.ControlFrames,
                "the header alone is enough to fail the connection with 1002.", async c =>
            {
                var peer = await c.OpenAsync();
                await peer.SendPartAsync(new Frame(opcode, c.RandomBytes(126)), 2);
                await FailFast.ExpectAsync(c, peer, 1002, () => peer.SendBytesAsync(c.RandomBytes(132), "the rest"));
            });

            cases.Add($"{name}-fragmented", $"A {name} without FIN.", Rfc6455.ControlFrames, Expected.FailProtocol, async c =>
            {
                var peer = await c.OpenAsync();
                await peer.SendAsync(new Frame(opcode, "abc"u8.ToArray()) { Fin = false });
                await peer.ExpectFailAsync(1002);
            });

            cases.Add($"{name}-fragmented-and-continued", $"A {name} without FIN, and a continuation frame with FIN.",
                Rfc6455.ControlFrames, Expected.FailProtocol, async c =>
            {
                var peer = await c.OpenAsync();
                await peer.SendAsync(new Frame(opcode, "abc"u8.ToArray()) { Fin = false }, Frame.Continuation("def"));
                await peer.ExpectFailAsync(1002);
            });

            cases.Add($"{name}-fragmented-in-message", $"A {name} without FIN, in the middle of a fragmented message.",
                Rfc6455.ControlFrames, Expected.FailProtocol, async c =>
            {
                var peer = await c.OpenAsync();
                await peer.SendAsync(Frame.Text("abc") with { Fin = false }, new Frame(opcode, "p"u8.ToArray()) { Fin = false });
                await peer.ExpectFailAsync(1002);
            });
        }
    }
}
