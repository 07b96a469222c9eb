namespace RawWs.SocketIO.Tests.Engine;

/// <summary>What the server says before it closes a session on polling, and the close behind it: clients act on a close before they have acted on what stands beside it.</summary>
public sealed class LastPollTests
{
    private static readonly TimeSpan NearlyTooLong = TimeSpan.FromSeconds(30) - TimeSpan.FromTicks(1);

    [Fact]
    public async Task What_the_server_said_last_is_there_for_one_more_poll_and_the_close_for_another()
    {
        await using var server = await StartAsync();
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");

        server.Time.Advance(NearlyTooLong);
        Assert.EndsWith("}\u001e42[\"bye\"]\u001e41", await client.PollAsync(), StringComparison.Ordinal);
        Assert.Equal(1, server.IO.ConnectionCount);

        // Who has taken the words has as long again.
        server.Time.Advance(NearlyTooLong);
        Assert.Equal("1", await client.PollAsync());
        Assert.Equal(0, server.IO.ConnectionCount);
        Assert.Contains("\"code\":1", (await client.RequestAsync("GET", client.SessionQuery)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_that_end_a_poll_have_the_close_in_the_next()
    {
        await using var server = await StartAsync();
        await using var client = await server.OpenPollingAsync();
        var poll = await client.BeginPollAsync();
        await poll.WaitUntilServerWaitsAsync();
        await client.PostAsync("40");

        Assert.StartsWith("40{", (await poll.ReadResponseAsync()).Text, StringComparison.Ordinal);
        Assert.Equal("42[\"bye\"]\u001e41", await client.PollAsync());
        Assert.Equal("1", await client.PollAsync());
        Assert.Equal(0, server.IO.ConnectionCount);
    }

    [Fact]
    public async Task A_close_behind_which_nothing_waits_ends_the_poll_that_is_there()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenPollingAsync();
        var poll = await client.BeginPollAsync();
        await poll.WaitUntilServerWaitsAsync();

        // Nobody has joined a namespace in time.
        server.Time.Advance(TimeSpan.FromSeconds(25));
        Assert.Equal("2", (await poll.ReadResponseAsync()).Text);
        await client.PostAsync("3");
        poll = await client.BeginPollAsync();
        await poll.WaitUntilServerWaitsAsync();
        server.Time.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal("1", (await poll.ReadResponseAsync()).Text);
        Assert.Equal(0, server.IO.ConnectionCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_session_that_was_closed_is_dropped_if_nobody_polls(bool isPolledOnce)
    {
        await using var server = await StartAsync();
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");
        if (isPolledOnce)
            await client.PollAsync();

        server.Time.Advance(NearlyTooLong);
        Assert.Equal(1, server.IO.ConnectionCount);
        server.Time.Advance(TimeSpan.FromTicks(1));

        Assert.Equal(0, server.IO.ConnectionCount);
        Assert.Equal(400, (await client.RequestAsync("GET", client.SessionQuery)).Status);
    }

    [Fact]
    public async Task What_a_client_says_before_it_has_heard_the_last_words_is_ignored_and_costs_it_none_of_them()
    {
        await using var server = await StartAsync();
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");

        await client.PostAsync("42[\"e\"]\u001e3\u001e40/other,");

        Assert.EndsWith("\u001e41", await client.PollAsync(), StringComparison.Ordinal);
        await client.PostAsync("1");
        Assert.Equal(0, server.IO.ConnectionCount);
    }

    private static Task<SocketIOTestServer> StartAsync() => SocketIOTestServer.StartAsync(io => io.OnConnection(async socket =>
    {
        await socket.EmitAsync("bye");
        socket.Disconnect(close: true);
    }));
}
