namespace RawWs.Conformance;

/// <summary>Peers that mean harm: floods, resets at the wrong moment, garbage. The server must stay there for everybody else.</summary>
internal static class HostileCases
{
    private static readonly byte[] HalfRequest = "GET /echo HTTP/1.1\r\nHost: a\r\nUpgrade: webs"u8.ToArray();

    public static CaseList Create(ConformanceOptions options)
    {
        var cases = new CaseList("hostile");
        AddFloods(cases);
        AddResets(cases, options);
        AddGarbage(cases);
        AddStorms(cases);
        return cases;
    }

    private static void AddFloods(CaseList cases)
    {
        const string Expectation = "the connection goes on or is closed, and another connection is served all the while.";
        (string Name, string Title, Func<CaseContext, Frame[]> Frames)[] floods =
        [
            ("ping-flood", "10 000 pings of 125 bytes without a pause.",
                c => [.. Enumerable.Repeat(Frame.Ping(c.RandomBytes(125)), 10_000)]),
            ("pong-flood", "10 000 pongs of 125 bytes without a pause.",
                c => [.. Enumerable.Repeat(Frame.Pong(c.RandomBytes(125)), 10_000)]),
            ("empty-text-flood", "10 000 empty text messages without a pause.", _ => [.. Enumerable.Repeat(Frame.Text(""), 10_000)]),
            ("empty-fragment-flood", "An unfinished message of 200 000 empty fragments.",
                _ => [Frame.Text("") with { Fin = false }, .. Enumerable.Repeat(Frame.Continuation("") with { Fin = false }, 200_000)]),
            ("byte-fragment-flood", "An unfinished message of 200 000 fragments of one byte.",
                _ => [Frame.Text("a") with { Fin = false }, .. Enumerable.Repeat(Frame.Continuation("a") with { Fin = false }, 200_000)]),
            ("close-flood", "1000 close frames.", _ => [.. Enumerable.Repeat(Frame.Close(1000), 1000)]),
        ];

        foreach (var (name, title, frames) in floods)
        {
            foreach (var reading in (bool[])[true, false])
            {
                cases.Add(reading ? name : name + "-unread", $"{title} {(reading ? "" : "The answers are not read.")}", Rfc6455.SizeLimits,
                    Expectation, c =>
                    FloodAsync(c, frames(c), reading), CaseTraits.Bulky);
            }
        }

        cases.Add("large-echoes-unread", "100 messages of 1 MiB whose echoes are not read.", Rfc6455.SizeLimits, Expectation, c =>
            FloodAsync(c, [.. Enumerable.Repeat(Frame.Binary(new byte[1 << 20]), 100)], reading: false), CaseTraits.Bulky);
    }

    private static async Task FloodAsync(CaseContext c, Frame[] frames, bool reading)
    {
        var other = await c.OpenAsync();
        var peer = await c.OpenAsync(receiveBufferSize: reading ? null : 8192);
        if (!reading)
            peer.PauseReading();

        var sending = peer.SendAsync(frames);
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < 10; i++)
        {
            var started = System.Diagnostics.Stopwatch.GetTimestamp();
            await other.EchoAsync(Frame.Text($"bystander {i}"));
            slowest = new[] { slowest, System.Diagnostics.Stopwatch.GetElapsedTime(started) }.Max();
            await Task.Delay(20, c.CancellationToken);
        }

        c.Note($"slowest echo for the bystander: {slowest.TotalMilliseconds:0} ms");
        await Task.WhenAny(sending, Task.Delay(500, c.CancellationToken));
        c.Note(sending.IsCompleted ? peer.TcpEnd == TcpEnd.None ? "the flooded connection is open" : $"the flooded connection has ended: {peer.TcpEnd}" : "the server has stopped reading the flood");
        peer.Reset();
        await sending;
        await other.EchoAsync(Frame.Text("after the flood"));
    }

    private static void AddResets(CaseList cases, ConformanceOptions options)
    {
        (string Name, string Title, Func<CaseContext, Task<RawPeer>> Begin)[] moments =
        [
            ("before-request", "before the first byte", c => c.ConnectAsync()),
            ("in-request", "in the middle of the request",
                c => BeginAsync(c.ConnectAsync(), peer => peer.SendBytesAsync(HalfRequest, "half a request"))),
            ("after-request", "right after the request",
                c => BeginAsync(c.ConnectAsync(),
                peer => peer.SendBytesAsync(UpgradeRequest.To(c.Options.Target, c.Random).ToBytes(), "a request"))),
            ("open", "on an open connection", c => c.OpenAsync()),
            ("in-header", "in the middle of a frame header",
                c => BeginAsync(c.OpenAsync(), peer => peer.SendPartAsync(Frame.Binary(new byte[300]), 3))),
            ("in-payload", "in the middle of a payload",
                c => BeginAsync(c.OpenAsync(), peer => peer.SendPartAsync(Frame.Binary(new byte[300]), 100))),
            ("in-message", "in the middle of a fragmented message",
                c => BeginAsync(c.OpenAsync(), peer => peer.SendAsync(Frame.Text("half") with { Fin = false }))),
            ("in-echo", "while a large echo is under way",
                c => BeginAsync(c.OpenAsync(receiveBufferSize: 8192),
                peer => { peer.PauseReading(); return peer.SendAsync(Frame.Binary(new byte[Math.Min(1 << 20,
                options.MaxMessageSize)])); })),
            ("after-close", "right after our close frame", c => BeginAsync(c.OpenAsync(), peer => peer.SendAsync(Frame.Close(1000)))),
            ("after-violation", "right after a frame with a reserved opcode",
                c => BeginAsync(c.OpenAsync(), peer => peer.SendAsync(new Frame((Opcode)3, default)))),
        ];

        foreach (var (name, title, begin) in moments)
        {
            cases.Add($"reset-{name}", $"RST {title}, twenty times; then a message on a new connection.", Rfc6455.InvalidData,
                "the server is still there: " + Expected.Echo, async c =>
            {
                for (var i = 0; i < 20; i++)
                    (await begin(c)).Reset();
                await (await c.OpenAsync()).EchoAsync(Frame.Text("still there"));
            });
        }
    }

    private static void AddGarbage(CaseList cases)
    {
        for (var seed = 1; seed <= 10; seed++)
        {
            cases.Add($"garbage-{seed}", $"64 KiB of random bytes after the handshake (draw {seed}), then a message on a new connection.",
                Rfc6455.InvalidData, "the first connection ends, the second is served.", async c =>
            {
                var peer = await c.OpenAsync();
                await peer.SendBytesAsync(c.RandomBytes(65_536), "random bytes");
                peer.ShutdownSend();
                if (await peer.ReadToEndAsync(c.Options.Timeout) is null)
                    throw VerdictException.Failed("the connection did not end");
                peer.Abandon();
                await (await c.OpenAsync()).EchoAsync(Frame.Text("still there"));
            });
        }
    }

    private static void AddStorms(CaseList cases)
    {
        cases.Add("handshake-storm", "200 connections opened at the same time, each with one message.", Rfc6455.SizeLimits,
            "each is served.", async c =>
        {
            var peers = new List<RawPeer>();
            for (var i = 0; i < 200; i++)
                peers.Add(await c.ConnectAsync());
            var requests = peers.Select(_ => UpgradeRequest.To(c.Options.Target, c.Random)).ToArray();
            await Task.WhenAll(peers.Select((peer, i) => peer.OpenAsync(requests[i])));
            await Task.WhenAll(peers.Select((peer, i) => peer.EchoAsync(Frame.Text($"message {i}"))));
        }, CaseTraits.Bulky);

        cases.Add("churn", "200 connections one after the other, each closed at once.", Rfc6455.SizeLimits, "each is served.", async c =>
        {
            for (var i = 0; i < 200; i++)
                await (await c.OpenAsync()).CloseAsync();
        }, CaseTraits.Bulky);

        cases.Add("unfinished-handshakes", "100 connections that stop in the middle of the request, then one that does not.",
            Rfc6455.SizeLimits, "the last is served.", async c =>
        {
            for (var i = 0; i < 100; i++)
                await (await c.ConnectAsync()).SendBytesAsync(HalfRequest, "half a request");
            await (await c.OpenAsync()).EchoAsync(Frame.Text("served"));
        }, CaseTraits.Bulky);

        cases.Add("announced-and-abandoned",
            "50 frames on 50 connections that each announce the limit and send nothing, then a message on a new connection.",
            Rfc6455.SizeLimits, "the last is served: an announcement costs no memory.", async c =>
        {
            for (var i = 0; i < 50; i++)
            {
                var peer = await c.OpenAsync();
                await peer.SendAsync(Frame.Binary(default) with
                {
                    LengthForm = LengthForm.SixtyFourBits,
                    AnnouncedLength = (ulong)c.Options.MaxMessageSize
                });
                peer.Abandon();
            }

            await (await c.OpenAsync()).EchoAsync(Frame.Text("served"));
        }, CaseTraits.Bulky);
    }

    private static async Task<RawPeer> BeginAsync(Task<RawPeer> connecting, Func<RawPeer, Task> begin)
    {
        var peer = await connecting;
        await begin(peer);
        return peer;
    }
}
