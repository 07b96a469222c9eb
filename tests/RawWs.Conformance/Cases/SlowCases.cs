namespace RawWs.Conformance;

/// <summary>Peers that take their time. No RFC names a deadline, so a server that has none is reported and not failed.</summary>
internal static class SlowCases
{
    private static readonly Clause NoDeadline = new(
        "RFC 9112 §9.5", "Servers will usually have some timeout value beyond which they will no longer maintain an inactive connection.");

    public static CaseList Create()
    {
        var cases = new CaseList("slow");
        AddHandshakes(cases);
        AddFrames(cases);
        AddReaders(cases);
        return cases;
    }

    private static void AddHandshakes(CaseList cases)
    {
        const string Expectation = "the server closes in bounded time, whatever trickles in.";
        cases.Add("silent-connection", "TCP, and not one byte.", NoDeadline, Expectation, async c =>
            await JudgePatienceAsync(c, await c.ConnectAsync(), () => Task.CompletedTask), CaseTraits.Slow);

        foreach (var (name, part) in ((string, string)[])[("request-line", "GET /ec"), ("headers", "GET /echo HTTP/1.1\r\nHost: a\r\nUpgr"),
            ("last-line-end", "GET /echo HTTP/1.1\r\nHost: a\r\n\r")])
        {
            cases.Add($"half-{name}", $"“{part.ReplaceLineEndings("\\r\\n").Replace("\r", "\\r", StringComparison.Ordinal)}”, and no more.",
                NoDeadline, Expectation, async c =>
            {
                var peer = await c.ConnectAsync();
                await peer.SendBytesAsync(System.Text.Encoding.ASCII.GetBytes(part), "half a request");
                await JudgePatienceAsync(c, peer, () => Task.CompletedTask);
            }, CaseTraits.Slow | CaseTraits.OwnWrites);
        }

        cases.Add("dripping-headers", "A request whose headers never end: a byte every 200 ms.", NoDeadline, Expectation, async c =>
        {
            var peer = await c.ConnectAsync();
            await peer.SendBytesAsync("GET /echo HTTP/1.1\r\nHost: a\r\nX-Drip: "u8.ToArray(), "the beginning of a request");
            await JudgePatienceAsync(c, peer, () => peer.SendBytesAsync("x"u8.ToArray(), "a byte"));
        }, CaseTraits.Slow | CaseTraits.OwnWrites);
    }

    private static void AddFrames(CaseList cases)
    {
        const string Expectation = "the server closes in bounded time, or is known to wait.";
        (string Name, string Title, Func<RawPeer, Task> Begin, Func<RawPeer, Task> Drip)[] beginnings =
        [
            ("half-header", "One byte of a frame header, and no more.", peer => peer.SendPartAsync(Frame.Text("Hello"), 1),
                _ => Task.CompletedTask),
            ("half-payload", "Half the payload of a frame, and no more.", peer => peer.SendPartAsync(Frame.Binary(new byte[1000]), 500),
                _ => Task.CompletedTask),
            ("half-message", "A first fragment, and no more.", peer => peer.SendAsync(Frame.Text("Hello") with { Fin = false }),
                _ => Task.CompletedTask),
            ("dripping-payload", "A payload that arrives at a byte every 200 ms.",
                peer => peer.SendPartAsync(Frame.Binary(new byte[100_000]), 14), peer => peer.SendBytesAsync(new byte[1], "a byte")),
            ("dripping-fragments", "A message that grows by an empty fragment every 200 ms.",
                peer => peer.SendAsync(Frame.Text("Hello") with { Fin = false }),
                peer => peer.SendAsync(Frame.Continuation("") with { Fin = false })),
        ];

        foreach (var (name, title, begin, drip) in beginnings)
        {
            cases.Add(name, title, Rfc6455.CloseWheneverDesired, Expectation, async c =>
            {
                var peer = await c.OpenAsync();
                await begin(peer);
                await JudgePatienceAsync(c, peer, () => drip(peer));
            }, CaseTraits.Slow | CaseTraits.OwnWrites);
        }
    }

    private static void AddReaders(CaseList cases)
    {
        foreach (var (name, pause, count, size) in ((string, int, int, int)[])[("stalled-reader", 3000, 150, 65_536),
            ("stalled-reader-small-messages", 3000, 20_000, 100), ("halting-reader", 300, 150, 65_536)])
        {
            cases.Add(name,
                $"{count} messages of {size} bytes from a peer with a small receive buffer that reads nothing for {pause} ms{(name[0] == 'h' ? ", then again and again" : "")}.", Rfc6455.CloseWheneverDesired,
                "either every message comes back, in order, or the server closes the connection; nothing is lost in silence.", async c =>
                {
                    var peer = await c.OpenAsync(receiveBufferSize: 8192);
                    peer.PauseReading();
                    var frames = Enumerable.Range(0,
                        count).Select(i => Frame.Binary((byte[])[.. BitConverter.GetBytes(i), .. new byte[size - 4]])).ToArray();
                    var sending = peer.SendAsync(frames);
                    await Task.Delay(pause, c.CancellationToken);
                    peer.ResumeReading();
                    for (var i = 0; i < count; i++)
                    {
                        if (name[0] == 'h' && i % 15 == 0)
                            await HaltAsync(c, peer, pause);
                        var received = await peer.ReceiveAsync();
                        if (received.Kind is ReceivedKind.Close or ReceivedKind.End)
                        {
                            c.Verdict(Outcome.Informational, $"after {i} of {count}: {received}");
                            peer.Abandon();
                            return;
                        }

                        RawPeer.RequireEchoOf(received, [frames[i]]);
                    }

                    await sending;
                }, CaseTraits.Slow | CaseTraits.Bulky);
        }

        cases.Add("idle-then-echo", "A connection that is silent for 5 s, then sends a message.", Rfc6455.CloseWheneverDesired,
            Expected.Echo, async c =>
        {
            var peer = await c.OpenAsync();
            await Task.Delay(TimeSpan.FromSeconds(5), c.CancellationToken);
            await peer.EchoAsync(Frame.Text("still here"));
        }, CaseTraits.Slow);
    }

    private static async Task HaltAsync(CaseContext c, RawPeer peer, int pause)
    {
        peer.PauseReading();
        await Task.Delay(pause, c.CancellationToken);
        peer.ResumeReading();
    }

    private static async Task JudgePatienceAsync(CaseContext c, RawPeer peer, Func<Task> drip)
    {
        var started = System.Diagnostics.Stopwatch.GetTimestamp();
        while (System.Diagnostics.Stopwatch.GetElapsedTime(started) is var elapsed && elapsed < c.Options.SlowTimeout)
        {
            if (await peer.ReadToEndAsync(TimeSpan.FromMilliseconds(200)) is not null)
            {
                c.Note($"closed after {elapsed.TotalSeconds:0.0} s");
                peer.Abandon();
                return;
            }

            await drip();
        }

        c.Verdict(Outcome.Informational, $"still open after {c.Options.SlowTimeout.TotalSeconds:0} s");
        peer.Abandon();
    }
}
