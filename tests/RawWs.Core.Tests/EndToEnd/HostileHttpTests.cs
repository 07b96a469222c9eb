using System.Text;
using RawWs.Testing;
using RawWs.Tests.Transport;

namespace RawWs.Tests.EndToEnd;

/// <summary>A thousand HTTP clients that mean harm, and a WebSocket client that does not.</summary>
public class HostileHttpTests : LoopbackTests
{
    private const int ClientCount = 1_000;
    private const string Get = "GET /small HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string Smuggled = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    private const string PostHead = "POST /body HTTP/1.1\r\nHost: a\r\n";

    [Fact]
    public async Task A_thousand_hostile_requests_change_nothing_for_a_WebSocket_that_goes_on()
    {
        var smuggledCount = 0;
        var folder = Directory.CreateTempSubdirectory("rawws-hostile-");
        try
        {
            await File.WriteAllBytesAsync(Path.Combine(folder.FullName, "large.bin"), new byte[500_000], TestContext.Current.CancellationToken);
            await using var server = await StartServerAsync(map: server => Map(server, folder.FullName, () => Interlocked.Increment(ref smuggledCount)));
            await using var bystander = await server.OpenAsync();

            var crowd = Task.WhenAll(Enumerable.Range(0, ClientCount).Select(number => Task.Run(() => MisbehaveAsync(server, number))));
            var echoed = 0;
            do
            {
                await bystander.SendAsync(WireFrame.MaskedText($"{echoed}"));
                Assert.Equal($"{echoed++}", (await bystander.ReadFrameAsync()).Text);
            }
            while (!crowd.IsCompleted);

            await crowd;
            await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 1);
            Assert.Equal(0, smuggledCount);
            Assert.Empty(server.Log.AboveDebug);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // The last one that says something holds a slot as long as it goes on: it is dropped by its deadline and not by its silence.
    [Fact]
    public async Task A_crowd_that_dribbles_its_heads_and_bodies_is_gone_at_its_deadlines()
    {
        await using var server = await TestServer.StartAsync(
            configure: options => (options.HandshakeTimeout, options.HttpBodyTimeout) = (TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10)),
            map: server => Map(server, Path.GetTempPath(), () => throw new InvalidOperationException("smuggled")));
        await using var bystander = await server.OpenAsync();
        var (slow, statuses) = (new List<WireClient>(), new List<int>());
        for (var number = 0; number < 200; number++)
        {
            slow.Add(server.Connect());
            await slow[^1].SendAsync(number % 2 == 0 ? "GET /small HTTP/1.1\r\n" : PostHead + "Content-Length: 1000\r\n\r\n");
            await slow[^1].WaitUntilServerWaitsAsync();
        }

        for (var second = 0; second < 12; second++)
        {
            foreach (var client in slow)
                await Record.ExceptionAsync(() => client.SendAsync(slow.IndexOf(client) % 2 == 0 ? $"X-{second}: y\r\n" : "x"));

            server.Time.Advance(TimeSpan.FromSeconds(1));
            await bystander.SendAsync(WireFrame.MaskedText("still"));
            Assert.Equal("still", (await bystander.ReadFrameAsync()).Text);
        }

        foreach (var client in slow)
        {
            statuses.Add((await client.ReadResponseAsync()).Status);
            client.EndSending();
        }

        Assert.All(statuses, status => Assert.Equal(408, status));
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 1);
        Assert.Empty(server.Log.AboveDebug);
    }

    private static void Map(WebSocketServer server, string folder, Action onSmuggled)
    {
        server.MapFiles("/files/", folder);
        server.MapGet("/small", (_, _) => new(HttpResponse.Text("small")));
        server.MapGet("/smuggled", (_, _) =>
        {
            onSmuggled();
            return new(HttpResponse.Text("smuggled"));
        });
        server.MapGet("/held", async (_, cancellationToken) =>
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return HttpResponse.Empty();
        });
        server.MapHttp("/body", new HttpRoute(async (request, cancellationToken) => HttpResponse.Bytes(await request.ReadBodyAsync(cancellationToken), "text/plain"))
        {
            Methods = ["POST"],
            MaxBodySize = 10_000,
        });
    }

    private static async Task MisbehaveAsync(LoopbackServer server, int number)
    {
        await using var client = await server.ConnectAsync();
        try
        {
            await ((number % 20) switch
            {
                0 => RefusedAsync(client, PostHead + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + Smuggled, 400),
                1 => RefusedAsync(client, PostHead + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + Smuggled, 501),
                2 => RefusedAsync(client, PostHead + "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello" + Smuggled, 400),
                3 => RefusedAsync(client, PostHead + "Transfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n" + Smuggled, 413),
                4 => RefusedAsync(client, PostHead + "Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n" + Smuggled, 400),
                5 => RefusedAsync(client, PostHead + "Content-Length: 99999999\r\n\r\n" + Smuggled, 413),
                6 => RefusedAsync(client, "GET /files/../../../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n" + Smuggled, 400),
                7 => RefusedAsync(client, "GET /files/..%2f..%2fetc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", 404),
                8 => RefusedAsync(client, "GET /small HTTP/1.1\r\nHost: a\r\n" + string.Concat(Enumerable.Repeat("X: y\r\n", 200)) + "\r\n" + Smuggled, 431),
                9 => RefusedAsync(client, "GET /" + new string('x', 100_000), 414),
                10 => RefusedAsync(client, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Smuggled, 505),
                11 => RefusedAsync(client, "TRACE /small HTTP/1.1\r\nHost: a\r\n\r\n" + Smuggled, 501),
                12 => FloodAsync(client, 300),
                13 => FloodAsync(client, 3_000),
                14 => AbandonAsync(client, string.Concat(Enumerable.Repeat(Get, 500))),
                15 => AbandonAsync(client, string.Concat(Enumerable.Repeat("GET /files/large.bin HTTP/1.1\r\nHost: a\r\n\r\n", 20))),
                16 => AbandonAsync(client, "GET /held HTTP/1.1\r\nHost: a\r\n\r\n"),
                17 => AbandonAsync(client, PostHead + "Content-Length: 5000\r\n\r\nhalf"),
                18 => AbandonAsync(client, PostHead + "Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\nhalf"),
                _ => AbandonAsync(client, "GET /small HTT"),
            });
        }
        catch (IOException)
        {
            // The server has had enough of it.
        }
    }

    private static async Task RefusedAsync(WireClient client, string request, int status)
    {
        await client.SendAsync(request);
        var response = await client.ReadResponseAsync();
        Assert.Equal(status, response.Status);
        Assert.True(await client.IsAtEndAsync());
    }

    // More than a connection may ask for: it is answered in order up to that, and then the connection is over.
    private static async Task FloodAsync(WireClient client, int count)
    {
        var sending = client.SendAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(Get, count))));
        for (var number = 1; number <= Math.Min(count, 1_000); number++)
        {
            var response = await client.ReadResponseAsync();
            Assert.Equal(("small", number == 1_000), (response.Text, response.Closes));
        }

        await sending;
    }

    private static async Task AbandonAsync(WireClient client, string beginning)
    {
        await client.SendAsync(beginning);
        client.Abort();
    }
}
