using RawWs.Testing;
using RawWs.Tests.Diagnostics;
using RawWs.Transport;

namespace RawWs.Tests.Transport;

/// <summary>Servers on event loops when everything happens at once.</summary>
[Collection(AloneCollection.Name)]
public sealed class EventLoopStressTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Two_thousand_connections_echo_and_none_is_forgotten(bool isInline)
    {
        const int Count = 2000, RoundCount = 5;
        await using var server = await StartAsync(options: new() { LoopCount = 2, RunsSessionsInline = isInline, StallTimeout = LoopbackServer.NeverStalls });
        var clients = new List<WireClient>();
        foreach (var chunk in Enumerable.Range(0, Count).Chunk(100))
            clients.AddRange(await Task.WhenAll(chunk.Select(_ => server.OpenAsync())));

        for (var round = 0; round < RoundCount; round++)
        {
            foreach (var client in clients)
                await client.SendAsync(WireFrame.MaskedText($"{round}"), WireFrame.MaskedText("more"));

            foreach (var client in clients)
            {
                Assert.Equal($"{round}", (await client.ReadFrameAsync()).Text);
                Assert.Equal("more", (await client.ReadFrameAsync()).Text);
            }
        }

        foreach (var client in clients)
            await client.DisposeAsync();

        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Empty(server.Log.AboveDebug);
    }

    // Small frames, large ones and pauses, from many threads and from the loop: every frame arrives whole, each writer's in order.
    [Fact]
    public async Task Many_threads_write_to_one_connection_and_every_frame_arrives_whole_and_in_its_writers_order()
    {
        const int WriterCount = 8, Count = 1000;
        await using var server = await StartAsync(async (connection, cancellationToken) =>
        {
            var writers = Enumerable.Range(0, WriterCount).Select(writer => Task.Run(
                async () =>
                {
                    for (var number = 0; number < Count; number++)
                        await connection.SendAsync($"{writer} {number} {new string('x', number % 50 == 0 ? 100_000 : number % 40)}", cancellationToken);
                },
                cancellationToken)).ToList();
            await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
                await connection.SendAsync(message, cancellationToken);

            await Task.WhenAll(writers);
        });
        await using var client = await server.OpenAsync(receiveBufferSize: 16 * 1024);
        var next = new int[WriterCount + 1];

        for (var number = 0; number < Count; number++)
            await client.SendAsync(WireFrame.MaskedText($"{WriterCount} {number} "));

        for (var left = (WriterCount + 1) * Count; left > 0; left--)
        {
            var words = (await client.ReadFrameAsync()).Text.Split(' ');
            var (writer, number) = (int.Parse(words[0], null), int.Parse(words[1], null));
            Assert.Equal(next[writer]++, number);
            Assert.Equal(writer == WriterCount ? 0 : number % 50 == 0 ? 100_000 : number % 40, words[2].Length);
        }
    }

    [Fact]
    public async Task Aborts_in_the_midst_of_reading_and_writing_leave_nothing_and_hit_nobody_else()
    {
        await using var server = await StartAsync(async (connection, cancellationToken) =>
        {
            if (connection.Path == "/calm")
            {
                await TestServer.EchoAsync(connection, cancellationToken);
                return;
            }

            var aborting = Task.Run(async () =>
            {
                for (var count = Environment.TickCount % 50; count > 0; count--)
                    await Task.Yield();

                connection.Abort();
            }, CancellationToken.None);
            var payload = new byte[50_000];
            await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
                await connection.SendAsync(payload, MessageType.Binary, cancellationToken);

            await aborting;
        });
        await using var calm = await server.ConnectAsync();
        await calm.OpenAsync(path: "/calm");

        for (var round = 0; round < 20; round++)
        {
            await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => TalkAsync(server))));
            await calm.SendAsync(WireFrame.MaskedText($"{round}"));
            Assert.Equal($"{round}", (await calm.ReadFrameAsync()).Text);
        }

        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 1);
        Assert.Empty(server.Log.AboveDebug);
    }

    // What the session of the first sends to all leaves for all in a row: for those that read, for those that are full, and for those that have gone.
    [Fact]
    public async Task What_leaves_in_a_row_for_those_who_read_those_who_are_full_and_those_who_have_gone_arrives_where_it_should()
    {
        const int ReaderCount = 40, FullCount = 10, GoneCount = 20, RoundCount = 400;
        WebSocketServer? everyone = null;
        var full = new List<WebSocketConnection>();
        await using var server = await LoopbackServer.StartAsync(
            async (connection, cancellationToken) =>
            {
                if (connection.Path == "/full")
                    full.Add(connection);

                await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
                    everyone!.Everyone.Broadcast(RoundText(int.Parse(message.GetText(), null)));
            },
            options => (options.Transport, options.MaxSendQueueSize) = (LoopbackTests.NewEventLoop(new() { LoopCount = 1, StallTimeout = LoopbackServer.NeverStalls }), 1 << 24),
            started => everyone = started);
        var readers = await OpenAllAsync(ReaderCount, "/reader");
        var gone = await OpenAllAsync(GoneCount, "/gone");
        var slow = await OpenAllAsync(FullCount, "/full");

        for (var round = 0; round < RoundCount; round++)
        {
            await readers[0].SendAsync(WireFrame.MaskedText($"{round}"));
            if (round % 20 == 10)
                gone[round / 20].Abort();

            foreach (var client in readers)
                Assert.Equal(RoundText(round), (await client.ReadFrameAsync()).Text);
        }

        Assert.All(full, connection => Assert.NotEqual(0, connection.BufferedBytes));
        foreach (var client in slow)
        {
            for (var round = 0; round < RoundCount; round++)
                Assert.Equal(RoundText(round), (await client.ReadFrameAsync()).Text);
        }

        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == ReaderCount + FullCount);
        await Eventually.HoldsAsync(() => full.TrueForAll(connection => connection.BufferedBytes == 0));
        foreach (var client in (List<WireClient>)[.. readers, .. slow])
        {
            await client.SendAsync(WireFrame.MaskedClose(1000));
            Assert.Equal(1000, (await client.ReadFrameAsync()).CloseCode); // And nothing before it.
            await client.DisposeAsync();
        }

        Assert.Empty(server.Log.AboveDebug);

        static string RoundText(int round) => $"{round} {new string((char)('a' + (round % 26)), 14_000 + round)}";

        async Task<List<WireClient>> OpenAllAsync(int count, string path)
        {
            var clients = new List<WireClient>();
            while (clients.Count < count)
            {
                clients.Add(await server.ConnectAsync(receiveBufferSize: path == "/full" ? 8 * 1024 : 0));
                await clients[^1].OpenAsync(path: path);
            }

            return clients;
        }
    }

    [Fact]
    public async Task A_peer_that_never_stops_sending_does_not_keep_the_loop_to_itself()
    {
        await using var server = await StartAsync(
            async (connection, cancellationToken) =>
            {
                await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
                {
                    if (message.Payload.Length < 100)
                        await connection.SendAsync(message, cancellationToken);
                }
            },
            new() { LoopCount = 1 });
        using var stopping = new CancellationTokenSource();
        var floods = Enumerable.Range(0, 2).Select(_ => Task.Run(() => FloodAsync(server, stopping.Token))).ToList();
        await using var client = await server.OpenAsync();

        for (var number = 0; number < 50; number++)
        {
            await client.SendAsync(WireFrame.MaskedText($"{number}"));
            Assert.Equal($"{number}", (await client.ReadFrameAsync()).Text);
        }

        await stopping.CancelAsync();
        await Task.WhenAll(floods);
    }

    [Fact]
    public async Task A_session_that_blocks_is_counted_and_logged_once_and_holds_up_only_its_loop()
    {
        using var metrics = new MeterRecorder();
        using var release = new ManualResetEventSlim();
        await using var server = await metrics.StartAsync(() => StartAsync(
            async (connection, cancellationToken) =>
            {
                await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
                {
                    if (message.GetText() == "block")
                        release.Wait(SocketPair.LongestWait, CancellationToken.None);

                    await connection.SendAsync(message, cancellationToken);
                }
            },
            new() { LoopCount = 2, StallTimeout = TimeSpan.FromMilliseconds(20) }));

        // The first has one loop, the second the other.
        await using var blocked = await server.OpenAsync();
        await using var other = await server.OpenAsync();
        await blocked.SendAsync(WireFrame.MaskedText("block"));
        await Eventually.HoldsAsync(() => metrics.Sum("rawws.loop.stalls") > 0);
        await other.SendAsync(WireFrame.MaskedText("on"));
        Assert.Equal("on", (await other.ReadFrameAsync()).Text);

        release.Set();
        Assert.Equal("block", (await blocked.ReadFrameAsync()).Text);

        // It is logged behind the count, on another thread, and however many stalls there are, one line is enough for ten seconds.
        await Eventually.HoldsAsync(() => server.Log.AboveDebug.Any());
        Assert.Contains("stalls", Assert.Single(server.Log.AboveDebug), StringComparison.Ordinal);
    }

    private static Task<LoopbackServer> StartAsync(Func<WebSocketConnection, CancellationToken, Task>? session = null, EventLoopTransportOptions? options = null)
        => LoopbackServer.StartAsync(session, server => server.Transport = LoopbackTests.NewEventLoop(options));

    private static async Task TalkAsync(LoopbackServer server)
    {
        try
        {
            await using var client = await server.OpenAsync(receiveBufferSize: 8 * 1024);
            for (var count = 0; count < 100; count++)
                await client.SendAsync(WireFrame.Masked(0x82, new byte[10_000]));

            await client.ReadToEndAsync();
        }
        catch (IOException)
        {
            // That is what an abort looks like.
        }
    }

    private static async Task FloodAsync(LoopbackServer server, CancellationToken stopping)
    {
        await using var client = await server.OpenAsync();
        var flood = WireFrame.Masked(0x82, new byte[100_000]);
        while (!stopping.IsCancellationRequested)
            await client.SendAsync(flood);
    }
}
