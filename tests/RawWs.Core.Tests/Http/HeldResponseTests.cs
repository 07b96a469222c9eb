using System.Net;
using RawWs.Testing;
using RawWs.Tests.Transport;

namespace RawWs.Tests.Http;

/// <summary>Responses that are held back until there is something to say, as long-polling does.</summary>
public class HeldResponseTests : LoopbackTests
{
    private const string Poll = "GET /poll HTTP/1.1\r\nHost: a\r\n\r\n";

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task A_response_comes_when_its_handler_has_one_and_the_connection_goes_on()
    {
        var poll = new HeldPoll();
        await using var server = await StartServerAsync(map: poll.Map);
        await using var client = await server.ConnectAsync();
        for (var count = 0; count < 3; count++)
        {
            await client.SendAsync(Poll);
            (await poll.NextAsync()).Answer.SetResult(HttpResponse.Text($"{count}"));
            Assert.Equal($"{count}", (await client.ReadResponseAsync()).Text);
        }

        await client.OpenAsync();
        await client.SendAsync(WireFrame.MaskedText("Hello"));
        Assert.Equal("Hello", (await client.ReadFrameAsync()).Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_goes_away_cancels_its_handler(bool isReset)
    {
        var poll = new HeldPoll();
        await using var server = await StartServerAsync(map: poll.Map);
        await using var client = await server.ConnectAsync();
        await client.SendAsync(Poll);
        var held = await poll.NextAsync();
        Assert.False(held.Gone.IsCancellationRequested);

        if (isReset)
            client.Abort();
        else
            client.EndSending();

        await Eventually.HoldsAsync(() => held.Gone.IsCancellationRequested);
        held.Answer.SetCanceled(held.Gone);
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Empty(server.Log.AboveDebug);
    }

    // It has said all that it wants to ask, and may still be there for the answer.
    [Fact]
    public async Task What_is_answered_to_a_client_that_has_ended_its_side_is_sent()
    {
        var poll = new HeldPoll();
        await using var server = await StartServerAsync(map: poll.Map);
        await using var client = await server.ConnectAsync();
        await client.SendAsync(Poll);
        var held = await poll.NextAsync();
        client.EndSending();
        await Eventually.HoldsAsync(() => held.Gone.IsCancellationRequested);

        held.Answer.SetResult(HttpResponse.Text("late"));

        Assert.Equal("late", (await client.ReadResponseAsync()).Text);
        Assert.True(await client.IsAtEndAsync());
    }

    [Fact]
    public async Task A_request_behind_a_held_one_waits_and_is_not_taken_for_a_farewell()
    {
        var poll = new HeldPoll();
        await using var server = await StartServerAsync(map: poll.Map);
        await using var client = await server.ConnectAsync();
        await client.SendAsync(Poll);
        var first = await poll.NextAsync();
        await client.SendAsync(Poll[..10]);
        await client.SendAsync(Poll[10..]);
        client.EndSending();

        first.Answer.SetResult(HttpResponse.Text("1"));
        Assert.Equal("1", (await client.ReadResponseAsync()).Text);
        (await poll.NextAsync()).Answer.SetResult(HttpResponse.Text("2"));
        Assert.Equal("2", (await client.ReadResponseAsync()).Text);
        Assert.True(await client.IsAtEndAsync());
        Assert.False(first.Gone.IsCancellationRequested);
    }

    [Fact]
    public async Task After_its_body_has_been_read_a_client_is_seen_to_go_too()
    {
        var poll = new HeldPoll();
        await using var server = await StartServerAsync(map: poll.Map);
        await using var client = await server.ConnectAsync();
        await client.SendAsync("POST /poll HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello");
        var held = await poll.NextAsync();

        client.Abort();

        await Eventually.HoldsAsync(() => held.Gone.IsCancellationRequested);
        held.Answer.SetCanceled(held.Gone);
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Theory]
    [InlineData(true, 503)]
    [InlineData(false, 200)]
    public async Task When_the_server_stops_a_handler_is_told_and_may_still_answer(bool isCancelled, int status)
    {
        var poll = new HeldPoll();
        await using var server = await StartServerAsync(map: poll.Map);
        await using var client = await server.ConnectAsync();
        await client.SendAsync(Poll);
        var held = await poll.NextAsync();

        var stopping = server.Server.StopAsync();
        await Eventually.HoldsAsync(() => held.Gone.IsCancellationRequested);
        if (isCancelled)
            held.Answer.SetCanceled(held.Gone);
        else
            held.Answer.SetResult(HttpResponse.Text("bye"));

        var response = await client.ReadResponseAsync();
        Assert.Equal((status, true), (response.Status, response.Closes));
        Assert.Equal(isCancelled ? "5" : null, response.Field("Retry-After"));
        client.EndSending();
        await stopping.WaitAsync(LongestWait);
    }

    [Fact]
    public async Task A_thousand_held_responses_are_released_at_once_while_others_are_served()
    {
        var poll = new HeldPoll();
        await using var server = await StartServerAsync(map: poll.Map);
        var clients = new List<WireClient>();
        var held = new List<HeldPoll.Request>();
        for (var count = 0; count < 1_000; count++)
        {
            clients.Add(await server.ConnectAsync());
            await clients[^1].SendAsync(Poll);
            held.Add(await poll.NextAsync());
        }

        await using var other = await server.OpenAsync();
        await other.SendAsync(WireFrame.MaskedText("Hello"));
        Assert.Equal("Hello", (await other.ReadFrameAsync()).Text);

        foreach (var request in held)
            request.Answer.SetResult(HttpResponse.Text("now"));

        foreach (var client in clients)
        {
            Assert.Equal("now", (await client.ReadResponseAsync()).Text);
            await client.DisposeAsync();
        }

        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 1);
    }

    [Fact]
    public async Task Preflights_and_posts_get_the_headers_that_the_application_gives_them()
    {
        await using var server = await StartServerAsync(map: server => server.MapHttp("/poll", new HttpRoute((request, _) => new(HttpResponse.Empty(
            headers: new()
            {
                { "Access-Control-Allow-Origin", request.Origin ?? "none" },
                { "Access-Control-Allow-Methods", "GET, POST" },
                { "Set-Cookie", "a=1" },
            })))
        {
            Methods = ["OPTIONS"],
        }));
        await using var client = await server.ConnectAsync();

        await client.SendAsync("OPTIONS /poll HTTP/1.1\r\nHost: a\r\nOrigin: https://b.example\r\nAccess-Control-Request-Method: POST\r\n\r\n");
        var response = await client.ReadResponseAsync();

        Assert.Equal((204, "https://b.example", "GET, POST", "a=1"),
            (response.Status, response.Field("Access-Control-Allow-Origin"), response.Field("Access-Control-Allow-Methods"), response.Field("Set-Cookie")));
        Assert.Null(response.Field("Content-Length"));

        await client.SendAsync(Poll);
        var refused = await client.ReadResponseAsync();
        Assert.Equal(((int)HttpStatusCode.MethodNotAllowed, "OPTIONS"), (refused.Status, refused.Field("Allow")));
    }
}
