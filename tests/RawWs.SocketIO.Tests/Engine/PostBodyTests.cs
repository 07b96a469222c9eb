using System.Text;

namespace RawWs.SocketIO.Tests.Engine;

/// <summary>Posts, however their bodies come.</summary>
public sealed class PostBodyTests
{
    private const string Body = "40\u001e420[\"echo\",\"é日😀\"]";

    [Fact]
    public async Task A_body_may_come_in_chunks_that_end_anywhere()
    {
        var bytes = Encoding.UTF8.GetBytes(Body);
        for (var at = 1; at < bytes.Length; at++)
        {
            await using var server = await SocketIOTestServer.StartAsync(Echo);
            await using var client = await server.OpenPollingAsync();
            var post = client.ConnectRaw();

            await post.SendAsync(HeadOf(client, "Transfer-Encoding: chunked"));
            await post.SendAsync(Chunk(bytes[..at]));
            await post.SendAsync([.. Chunk(bytes[at..]), .. Chunk([])]);

            Assert.Equal("ok", (await post.ReadResponseAsync()).Text);
            Assert.EndsWith("\u001e430[\"é日\\uD83D\\uDE00\"]", await client.PollAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_body_may_come_byte_by_byte()
    {
        await using var server = await SocketIOTestServer.StartAsync(Echo);
        await using var client = await server.OpenPollingAsync();
        var bytes = Encoding.UTF8.GetBytes(Body);
        var post = client.ConnectRaw();

        await post.SendAsync(HeadOf(client, $"Content-Length: {bytes.Length}"));
        await post.SendByteByByteAsync(bytes);

        Assert.Equal("ok", (await post.ReadResponseAsync()).Text);
        Assert.EndsWith("\u001e430[\"é日\\uD83D\\uDE00\"]", await client.PollAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chunks_that_are_too_much_together_cost_nothing_but_themselves()
    {
        await using var server = await SocketIOTestServer.StartAsync(Echo, options => options.MaxPayload = 20);
        await using var client = await server.OpenPollingAsync();
        var post = client.ConnectRaw();

        await post.SendAsync(HeadOf(client, "Transfer-Encoding: chunked"));
        await post.SendAsync(Chunk(Encoding.UTF8.GetBytes("40\u001e42[\"a\"")));
        await post.SendAsync([.. Chunk(Encoding.UTF8.GetBytes(",\"éééééé\"]")), .. Chunk([])]);

        Assert.Equal(413, (await post.ReadResponseAsync()).Status);
        await client.PostAsync("40");
        Assert.StartsWith("40{", await client.PollAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_takes_too_long_ends_the_session()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenPollingAsync();
        var post = client.ConnectRaw();
        await post.SendAsync(HeadOf(client, "Content-Length: 100") + "40");
        await post.WaitUntilServerWaitsAsync();

        server.Time.Advance(TimeSpan.FromSeconds(31));

        Assert.Equal(408, (await post.ReadResponseAsync()).Status);
        Assert.Equal(0, server.IO.ConnectionCount);
    }

    [Fact]
    public async Task What_is_before_a_packet_that_is_none_counts_and_what_is_behind_it_does_not()
    {
        var (names, reasons) = (new List<string>(), new TaskCompletionSource<DisconnectReason>());
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(socket =>
        {
            socket.OnAny(received =>
            {
                names.Add(received.Name);
                return Task.CompletedTask;
            });
            socket.OnDisconnect(reasons.SetResult);
        }));
        await using var client = await server.OpenPollingAsync();

        var response = await client.RequestAsync("POST", client.SessionQuery, "40\u001e42[\"before\"]\u001ex\u001e42[\"behind\"]");

        Assert.Equal((400, DisconnectReason.ParseError), (response.Status, await reasons.Task));
        Assert.DoesNotContain("behind", names);
        Assert.Equal(400, (await client.RequestAsync("GET", client.SessionQuery)).Status);
    }

    [Fact]
    public async Task Packets_that_mean_nothing_to_a_server_are_ignored()
    {
        await using var server = await SocketIOTestServer.StartAsync(Echo);
        await using var client = await server.OpenPollingAsync();

        await client.PostAsync("0{}\u001e5\u001e6\u001e3\u001e40\u001e420[\"echo\",\"x\"]");

        Assert.EndsWith("\u001e430[\"x\"]", await client.PollAsync(), StringComparison.Ordinal);
    }

    private static void Echo(SocketIOServer io) => io.OnConnection(socket => socket.On("echo", (string text) => text));

    private static string HeadOf(EngineClient client, string field) => $"POST /socket.io/?{client.SessionQuery} HTTP/1.1\r\nHost: localhost\r\n{field}\r\n\r\n";

    private static byte[] Chunk(byte[] bytes) => [.. Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n"), .. bytes, .. "\r\n"u8];
}
