using System.Globalization;
using RawWs.Testing;

namespace RawWs.SocketIO.Tests.Engine;

public sealed class UpgradeTests
{
    [Fact]
    public async Task A_session_changes_to_a_WebSocket()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenPollingAsync();
        var poll = await client.BeginPollAsync();
        await poll.WaitUntilServerWaitsAsync();

        await client.OpenUpgradeAsync();
        await client.SendAsync("2probe");
        Assert.Equal("3probe", await client.ReadAsync());
        Assert.Equal("6", (await poll.ReadResponseAsync()).Text);
        var next = await client.BeginPollAsync();
        await next.WaitUntilServerWaitsAsync();
        await client.SendAsync("5");
        Assert.Equal("6", (await next.ReadResponseAsync()).Text);
        await client.SendAsync("40");
        Assert.StartsWith("40{\"sid\":", await client.ReadAsync(), StringComparison.Ordinal);

        foreach (var method in new[] { "GET", "POST" })
            Assert.Equal((400, """{"code":3,"message":"Bad request"}"""), Summary(await client.RequestAsync(method, client.SessionQuery, "4")));

        Assert.Equal(1, server.IO.ConnectionCount);
    }

    [Fact]
    public async Task A_client_that_polls_on_behind_its_probe_is_answered_a_moment_later_and_does_not_poll_in_a_loop()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");
        await client.PollAsync();
        await client.OpenUpgradeAsync();
        await client.SendAsync("2probe");
        await client.ReadAsync();

        // What is sent meanwhile is not held up; and what was to end that poll does not end the next, which comes a moment before.
        var poll = await client.BeginPollAsync();
        for (var count = 0; count < 3; count++)
        {
            await poll.WaitUntilServerWaitsAsync();
            server.Time.Advance(TimeSpan.FromMilliseconds(99));
            await server.IO.EmitAsync("n", count);
            Assert.Equal($"42[\"n\",{count}]", (await poll.ReadResponseAsync()).Text);
            poll = await client.BeginPollAsync();
        }

        await poll.WaitUntilServerWaitsAsync();
        server.Time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal("6", (await poll.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task A_poll_behind_a_probe_that_came_to_nothing_is_held_as_any_other()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");
        await client.PollAsync();
        await client.OpenUpgradeAsync();
        await client.SendAsync("2probe");
        await client.ReadAsync();
        var poll = await client.BeginPollAsync();
        await poll.WaitUntilServerWaitsAsync();
        await client.SendAsync("x");
        Assert.Equal("close 1000", await client.ReadAsync());

        server.Time.Advance(TimeSpan.FromSeconds(1));
        await server.IO.EmitAsync("n", 0);

        Assert.Equal("42[\"n\",0]", (await poll.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task A_session_that_is_closed_while_it_changes_says_its_last_words_on_its_WebSocket()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");
        var socket = await server.FindAsync(await client.PollAsync());
        await client.OpenUpgradeAsync();
        await client.SendAsync("2probe");
        await client.ReadAsync();
        await socket.EmitAsync("bye");
        socket.Disconnect(close: true);

        await client.SendAsync("5");

        Assert.Equal(["42[\"bye\"]", "41", "close 1000"], [await client.ReadAsync(), await client.ReadAsync(), await client.ReadAsync()]);
        Assert.Equal(0, server.IO.ConnectionCount);
    }

    [Fact]
    public async Task What_waits_for_a_change_arrives_even_if_it_is_more_than_a_WebSocket_may_be_behind()
    {
        const int Count = 3, Length = 1_000_000;
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");
        await client.PollAsync();
        await client.OpenUpgradeAsync();
        for (var count = 0; count < Count; count++)
            await server.IO.EmitAsync("n", count, new string('x', Length));

        await client.SendAsync("5");
        await client.SendAsync("40/other,");
        await client.WebSocket.WaitUntilServerWaitsAsync();

        for (var count = 0; count < Count; count++)
            Assert.Equal($"42[\"n\",{count},\"{new string('x', Length)}\"]", await client.ReadAsync());

        Assert.StartsWith("44/other,", await client.ReadAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_lost_or_reordered_in_either_direction()
    {
        var seen = new List<int>();
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(socket => socket.On("n", (int number) => seen.Add(number))));
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");
        await client.PollAsync();
        await client.PostAsync("42[\"n\",0]\u001e42[\"n\",1]");
        await server.IO.EmitAsync("n", 0);
        await client.OpenUpgradeAsync();
        await client.SendAsync("2probe");
        await client.ReadAsync();
        await server.IO.EmitAsync("n", 1);
        Assert.Equal("42[\"n\",0]\u001e42[\"n\",1]", await client.PollAsync());
        await client.PostAsync("42[\"n\",2]");
        await server.IO.EmitAsync("n", 2);
        await server.IO.EmitAsync("n", 3);
        await client.SendAsync("5");
        await client.SendAsync("420[\"n\",3]");

        Assert.Equal(["42[\"n\",2]", "42[\"n\",3]", "430[]"], [await client.ReadAsync(), await client.ReadAsync(), await client.ReadAsync()]);
        Assert.Equal([0, 1, 2, 3], seen);
    }

    [Fact]
    public async Task What_a_post_has_brought_comes_before_what_the_WebSocket_brings_however_long_it_takes()
    {
        var (seen, begun, release) = (new List<int>(), new TaskCompletionSource(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var server = await SocketIOTestServer.StartAsync(
            io => io.OnConnection(socket => socket.On("n", async (int number) =>
            {
                begun.TrySetResult();
                await release.Task;
                seen.Add(number);
                return number;
            })),
            options => options.MaxPendingEventCount = 1);
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");
        await client.PollAsync();
        var poll = await client.BeginPollAsync();
        await poll.WaitUntilServerWaitsAsync();

        // The server reads no further than to the second, and the WebSocket takes over meanwhile.
        await client.SendAsync("POST", client.SessionQuery, "42[\"n\",0]\u001e42[\"n\",1]\u001e42[\"n\",2]");
        await begun.Task.WaitAsync(TimeSpan.FromSeconds(30));
        await client.OpenUpgradeAsync();
        await client.WebSocket.SendAsync(WireFrame.MaskedText("5"), WireFrame.MaskedText("420[\"n\",3]"));
        Assert.Equal("6", (await poll.ReadResponseAsync()).Text);
        Assert.Equal(400, (await client.RequestAsync("GET", client.SessionQuery)).Status);
        release.SetResult();

        Assert.Equal("430[3]", await client.ReadAsync());
        Assert.Equal([0, 1, 2, 3], seen);
    }

    [Fact]
    public async Task What_many_send_while_a_session_changes_arrives_once_and_in_order()
    {
        const int Count = 2_000;
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");
        await client.PollAsync();
        var sending = Task.Run(async () =>
        {
            for (var number = 0; number < Count; number++)
                await server.IO.EmitAsync("n", number);
        });
        var received = new List<string>();
        received.AddRange((await client.PollAsync()).Split('\u001e'));
        await client.OpenUpgradeAsync();
        await client.SendAsync("2probe");
        Assert.Equal("3probe", await client.ReadAsync());
        var last = await client.BeginPollAsync();
        await last.WaitUntilServerWaitsAsync();
        await client.SendAsync("5");
        received.AddRange((await last.ReadResponseAsync()).Text.Split('\u001e'));
        received.RemoveAll(packet => packet == "6");
        while (received.Count < Count)
            received.Add(await client.ReadAsync());

        await sending;
        Assert.Equal(Enumerable.Range(0, Count).Select(number => string.Create(CultureInfo.InvariantCulture, $"42[\"n\",{number}]")), received);
    }

    [Theory]
    [InlineData("4hello")]
    [InlineData("2")]
    [InlineData("x")]
    [InlineData("")]
    public async Task A_probe_that_is_none_is_closed_and_polling_goes_on(string first)
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenPollingAsync();
        await client.OpenUpgradeAsync();

        await client.SendAsync(first);

        Assert.Equal("close 1000", await client.ReadAsync());
        await client.PostAsync("40");
        Assert.StartsWith("40{", await client.PollAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_probe_that_is_not_completed_is_closed_and_polling_goes_on()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenPollingAsync();
        await client.OpenUpgradeAsync();
        await client.SendAsync("2probe");
        Assert.Equal("3probe", await client.ReadAsync());
        var close = client.ReadAsync();

        await Eventually.CompletesAsync(server.Time, close);

        Assert.Equal("close 1000", await close);
        await client.PostAsync("3\u001e40");
        Assert.Contains("40{", await client.PollAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_WebSocket_is_closed_and_harms_nobody()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenPollingAsync();
        await client.OpenUpgradeAsync();
        var first = client.WebSocket;
        await client.SendAsync("2probe");
        await client.ReadAsync();
        await client.OpenUpgradeAsync();
        Assert.Equal("close 1000", await client.ReadAsync());

        await first.SendAsync(WireFrame.MaskedText("5"));
        await first.SendAsync(WireFrame.MaskedText("40"));

        Assert.StartsWith("40{", (await first.ReadFrameAsync()).Text, StringComparison.Ordinal);
        await client.OpenUpgradeAsync();
        Assert.Equal("close 1000", await client.ReadAsync());
        Assert.Equal(1, server.IO.ConnectionCount);
    }

    [Fact]
    public async Task When_a_session_ends_its_probe_does_too()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenPollingAsync();
        await client.OpenUpgradeAsync();
        await client.SendAsync("2probe");
        await client.ReadAsync();

        await client.PostAsync("1");

        Assert.Equal("close 1000", await client.ReadAsync());
    }

    [Fact]
    public async Task A_pong_may_come_by_the_other_transport()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenPollingAsync();
        server.Time.Advance(TimeSpan.FromSeconds(25));
        Assert.Equal("2", await client.PollAsync());
        await client.OpenUpgradeAsync();
        await client.SendAsync("5");
        await client.SendAsync("3");
        await client.SendAsync("40");
        await client.ReadAsync();

        server.Time.Advance(TimeSpan.FromSeconds(24));

        Assert.Equal(1, server.IO.ConnectionCount);
    }

    [Theory]
    [InlineData("EIO=4&transport=websocket&sid=zzz", "Session ID unknown")]
    [InlineData("EIO=4&transport=polling", "Bad request")]
    [InlineData("EIO=4", "Transport unknown")]
    [InlineData("EIO=4&transport=__proto__", "Transport unknown")]
    [InlineData("EIO=3&transport=websocket", "Unsupported protocol version")]
    [InlineData("EIO=3&transport=websocket&sid=SID", "Bad request")]
    [InlineData("transport=websocket&sid=SID", "Bad request")]
    public async Task A_WebSocket_that_is_not_wanted_is_refused_before_there_is_one(string query, string message)
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenPollingAsync();
        var connection = await client.SendAsync(
            "GET", query.Replace("SID", client.Sid, StringComparison.Ordinal), headers: "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n");

        var response = await connection.ReadResponseAsync();

        Assert.Equal((400, message), Summary(response));
    }

    private static (int Status, string Text) Summary(WireResponse response) => (response.Status, response.Text);
}
