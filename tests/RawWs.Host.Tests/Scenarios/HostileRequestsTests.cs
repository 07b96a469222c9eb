using System.Net.WebSockets;
using System.Text.Json.Nodes;
using RawWs.Testing;

namespace RawWs.Host.Tests.Scenarios;

/// <summary>A thousand hostile requests and more, of every kind, beside people who echo, chat and ask over HTTP all the while.</summary>
public sealed class HostileRequestsTests
{
    private const int RequestCount = 1_000, AtOnceCount = 100, SlowCount = 20, FloodCount = 10, FloodLength = 200, BadFrameCount = 50, PlainCount = 50;
    private const int EchoCount = 4, ChatterCount = 4, AskerCount = 2;
    private const byte CloseOpcode = 0x88;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nobody_who_behaves_loses_anything_or_is_dropped_while_all_others_misbehave(bool isTls)
    {
        await using var server = await ScenarioServer.StartAsync(isTls, "--dashboard-token", "0123456789abcdef0123456789abcdef");
        using var ending = new CancellationTokenSource();
        using var asked = new CancellationTokenSource();

        // Who behaves goes on until the others have been dealt with.
        var echoing = Enumerable.Range(0, EchoCount).Select(_ => Task.Run(() => EchoAsync(server, ending.Token))).ToArray();
        var chatters = new List<ChatClient>();
        for (var number = 0; number < ChatterCount; number++)
            chatters.Add((await ChatClient.JoinAsync(server.Rawws, "lobby", $"{number}")).Client);

        var asking = Enumerable.Range(0, AskerCount).Select(_ => Task.Run(() => AskAsync(server, asked.Token))).ToArray();
        var chatting = chatters.Select((chatter, number) => Task.Run(() => ChatAsync(chatter, number, ending.Token))).ToArray();
        try
        {
            await Task.WhenAll(MisbehaveAsync(server), DribbleAsync(server), FloodAsync(server), SendBadFramesAsync(server), MistakeThePortAsync(server));
            await asked.CancelAsync();
            var answerCounts = await Task.WhenAll(asking);
            Assert.All(answerCounts, count => Assert.NotEqual(0, count));
            var health = await server.GetAsync("/healthz");
            Assert.Equal((200, "healthy\n"), (health.Status, health.Text));
            await AssertCountersAsync(server, answerCounts.Sum());
        }
        finally
        {
            await asked.CancelAsync();
            await ending.CancelAsync();
        }

        var echoCounts = await Task.WhenAll(echoing);
        var transcripts = await Task.WhenAll(chatting);
        chatters.ForEach(chatter => chatter.Dispose());

        // Each was heard by all, in the order in which it was said, and all have heard the same.
        Assert.All(echoCounts, count => Assert.NotEqual(0, count));
        Assert.All(transcripts, transcript => Assert.Equal(transcripts[0], transcript));
        for (var number = 0; number < ChatterCount; number++)
        {
            var own = transcripts[0].Where(id => id.StartsWith($"{number}:", StringComparison.Ordinal)).ToArray();
            Assert.Equal([.. Enumerable.Range(0, own.Length - 1).Select(index => $"{number}:{index}"), $"{number}:end"], own);
        }
    }

    private static async Task MisbehaveAsync(ScenarioServer server)
        => await Parallel.ForAsync(0, RequestCount, new ParallelOptions { MaxDegreeOfParallelism = AtOnceCount }, async (number, _) =>
        {
            var kind = HostileKind.Http[number % HostileKind.Http.Length];
            await using var client = await server.ConnectAsync();
            await UntilDroppedAsync(async () =>
            {
                await client.SendAsync(kind.Sent);
                if (kind.Status is { } status)
                {
                    Assert.Equal((kind.Name, status), (kind.Name, (await client.ReadResponseAsync()).Status));
                    Assert.True(await client.IsAtEndAsync(), kind.Name);
                }
                else
                {
                    client.Abort();
                }
            });
        });

    // One who always says something more, and never comes to the end, has a deadline that does not move.
    private static Task DribbleAsync(ScenarioServer server)
        => Task.WhenAll(Enumerable.Range(0, SlowCount).Select(async _ =>
        {
            await using var client = await server.ConnectAsync();
            await UntilDroppedAsync(async () =>
            {
                await client.SendAsync("GET /healthz HTTP/1.1\r\nX: ");
                var answer = client.ReadResponseAsync();
                while (!answer.IsCompleted)
                {
                    await client.SendAsync("x");
                    await Task.WhenAny(answer, Task.Delay(TimeSpan.FromMilliseconds(100)));
                }

                Assert.Equal(408, (await answer).Status);
            });
        }));

    // Who is not looked after by its machine for seconds is dropped before it has read its answer: what the answer was is what the server has counted.
    private static async Task UntilDroppedAsync(Func<Task> misbehaveAsync)
    {
        try
        {
            await misbehaveAsync();
        }
        catch (IOException)
        {
            // The server has had enough of it.
        }
    }

    private static Task FloodAsync(ScenarioServer server)
        => Task.WhenAll(Enumerable.Range(0, FloodCount).Select(async _ =>
        {
            await using var client = await server.ConnectAsync();
            var sending = client.SendAsync(string.Concat(Enumerable.Repeat("GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n", FloodLength)));
            for (var number = 0; number < FloodLength; number++)
                Assert.Equal("ready\n", (await client.ReadResponseAsync()).Text);

            await sending;
        }));

    // An unmasked frame, as no client may send one (RFC 6455 §5.1).
    private static Task SendBadFramesAsync(ScenarioServer server)
        => Task.WhenAll(Enumerable.Range(0, BadFrameCount).Select(async _ =>
        {
            await using var client = await server.ConnectAsync();
            await client.OpenAsync();
            await UntilDroppedAsync(async () =>
            {
                await client.SendAsync(WireFrame.Unmasked(0x81, "Hello"u8));
                var close = await client.ReadFrameAsync();
                Assert.Equal((CloseOpcode, 1002), (close.First, close.CloseCode));
                Assert.True(await client.IsAtEndAsync());
                client.EndSending();
            });
        }));

    // Who speaks plain HTTP to a port of TLS is told so; others say nothing that TLS knows.
    private static async Task MistakeThePortAsync(ScenarioServer server)
    {
        for (var number = 0; server.IsTls && number < PlainCount; number++)
        {
            await using var client = await server.ConnectPlainAsync();
            await UntilDroppedAsync(async () =>
            {
                await client.SendAsync("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n");
                Assert.Equal(400, (await client.ReadResponseAsync()).Status);
            });

            await using var other = await server.ConnectPlainAsync();
            await UntilDroppedAsync(async () =>
            {
                await other.SendAsync("\x16\x03\xff\xff\xff\xff");
                await other.ReadToEndAsync();
            });
        }
    }

    // What all this was is what the server has counted, each once; and who behaves is still there.
    private static async Task AssertCountersAsync(ScenarioServer server, int answerCount)
    {
        await server.WaitForMetricAsync("rawws_connections_active", EchoCount + ChatterCount);
        await server.WaitForMetricAsync("rawws_connections_current{rawws_connection_state=\"handshake\"}", 1);
        var metrics = await server.ReadMetricsAsync();

        Assert.Equal(EchoCount + ChatterCount + BadFrameCount, metrics["rawws_connections_opened_total"]);
        Assert.Equal(BadFrameCount, metrics.Where(sample => sample.Key.StartsWith("rawws_connections_closed_total{", StringComparison.Ordinal)).Sum(sample => sample.Value));
        Assert.Equal(EchoCount + ChatterCount + BadFrameCount, metrics["rawws_handshakes_total{http_response_status_code=\"101\"}"]);

        // Nothing was answered that should not have been: the flood, who behaves, and what this test has asked for before. The answer that tells so is not yet counted.
        Assert.Equal((FloodCount * FloodLength) + answerCount + server.AskedCount - 1, Sum(metrics, "rawws_http_requests_total{", "200"));
        foreach (var kinds in Enumerable.Range(0, RequestCount).Select(number => HostileKind.Http[number % HostileKind.Http.Length]).GroupBy(kind => kind.Status))
        {
            // Whoever speaks plain HTTP where TLS is spoken is answered with 400, too.
            if (kinds.Key is { } status)
                Assert.Equal((status, kinds.Count() + (server.IsTls && status == 400 ? PlainCount : 0)), (status, Sum(metrics, "rawws_http_requests_total{", $"{status}") + Sum(metrics, "rawws_handshakes_total{", $"{status}")));
        }

        Assert.Equal(SlowCount, Sum(metrics, "rawws_handshakes_total{", "408"));
        Assert.Equal(server.IsTls ? PlainCount : 0, metrics.GetValueOrDefault("rawws_tls_failures_total{rawws_reason=\"plain_http\"}"));
    }

    private static double Sum(Dictionary<string, double> metrics, string name, string status)
        => metrics.Where(sample => sample.Key.StartsWith(name, StringComparison.Ordinal) && sample.Key.Contains($"http_response_status_code=\"{status}\"", StringComparison.Ordinal)).Sum(sample => sample.Value);

    // As a browser asks: on a connection that is kept, and on another when the server has ended that one with its last answer.
    private static async Task<int> AskAsync(ScenarioServer server, CancellationToken ending)
    {
        using var http = server.CreateHttpClient();
        var count = 0;
        for (; !ending.IsCancellationRequested; count++)
            Assert.Equal("ready\n", await http.GetStringAsync(new Uri("/readyz", UriKind.Relative), server.Rawws.Deadline));

        return count;
    }

    private static async Task<int> EchoAsync(ScenarioServer server, CancellationToken ending)
    {
        using var client = await server.OpenEchoAsync();
        var count = 0;
        while (!ending.IsCancellationRequested)
            await client.AssertEchoAsync($"{count++}", server.Rawws.Deadline);

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, server.Rawws.Deadline);
        return count;
    }

    // All speak in turns, so that nobody is ever further behind than one: how fast somebody reads is not what is tested here.
    /// <returns>The ids of all that was said, in the order in which it was heard.</returns>
    private static async Task<List<string>> ChatAsync(ChatClient chatter, int number, CancellationToken ending)
    {
        var (heard, counts, endedCount) = (new List<string>(), new int[ChatterCount], 0);
        for (var count = 0; !ending.IsCancellationRequested; count++)
        {
            await chatter.SayAsync($"{number}:{count}", "hello");
            while (counts.Any(heardOf => heardOf <= count))
                await HearAsync();
        }

        await chatter.SayAsync($"{number}:end", "goodbye");
        while (endedCount < ChatterCount)
            await HearAsync();

        return heard;

        async Task HearAsync()
        {
            JsonObject said;
            do
            {
                said = await chatter.ReceiveAsync();
            }
            while ((string?)said["type"] != "message");

            var id = (string)said["id"]!;
            var sender = id[0] - '0';
            heard.Add(id);
            counts[sender]++;
            if (id.EndsWith(":end", StringComparison.Ordinal))
                (counts[sender], endedCount) = (int.MaxValue, endedCount + 1);
        }
    }
}
