using System.Text;
using RawWs.Testing;

namespace RawWs.SocketIO.Tests;

/// <summary>What one client can make the server do, hold, or say to others: everything has an end.</summary>
public sealed class LimitTests
{
    [Fact]
    public async Task Announced_attachments_are_refused_before_any_comes()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        var errors = new List<string>();
        var (client, socket) = await server.ConnectSocketAsync();
        socket.OnError(error => errors.Add(error.Message));

        await client.SendAsync("455999999-[\"a\"]");

        Assert.Equal("close 1000", await client.ReadAsync());
        Assert.Equal(["too many attachments"], errors);
        await client.DisposeAsync();
    }

    [Fact]
    public async Task Attachments_that_never_come_hold_no_more_than_a_packet()
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.MaxPacketSize = 1_000);
        await using var client = await server.ConnectAsync();

        await client.SendAsync("4510-[\"a\"]");
        for (var count = 0; count < 4; count++)
            await client.SendAsync(new byte[250]);

        Assert.Equal("close 1000", await client.ReadAsync());
    }

    [Fact]
    public async Task A_client_that_falls_silent_amid_attachments_is_timed_out()
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.ConnectAsync();
        await client.SendAsync("452-[\"a\"]");
        await client.SendAsync([1]);
        await client.WebSocket.WaitUntilServerWaitsAsync();

        server.Time.Advance(TimeSpan.FromSeconds(25));
        Assert.Equal("2", await client.ReadAsync());
        server.Time.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal("close 1000", await client.ReadAsync());
    }

    [Fact]
    public async Task Only_so_many_namespaces_are_asked_for_at_once()
    {
        var asked = 0;
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = await SocketIOTestServer.StartAsync(
            io => io.Of(async (_, _) =>
            {
                Interlocked.Increment(ref asked);
                await release.Task;
                return true;
            }),
            options => options.MaxNamespacesPerConnection = 5);
        await using var client = await server.OpenWebSocketAsync();

        for (var number = 0; number < 6; number++)
            await client.SendAsync($"40/{number},");

        Assert.Equal("close 1000", await client.ReadAsync());
        release.SetResult();
        Assert.Equal(5, asked);
        await Eventually.HoldsAsync(() => server.IO.ConnectionCount == 0);
    }

    [Fact]
    public async Task A_flood_of_refused_connects_ends_with_the_queue_of_a_client_that_does_not_poll()
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.MaxQueueCount = 50);
        await using var client = await server.OpenPollingAsync();

        await client.RequestAsync("POST", client.SessionQuery, string.Join('\u001e', Enumerable.Repeat("40/none,", 60)));

        Assert.Equal(400, (await client.RequestAsync("GET", client.SessionQuery)).Status);
        Assert.Equal(0, server.IO.ConnectionCount);
    }

    [Theory]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    public async Task The_name_of_a_namespace_is_only_so_long(int length, bool isTaken)
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.OpenWebSocketAsync();
        var name = "/" + new string('x', length - 1);

        await client.SendAsync($"40{name},");

        Assert.Equal(isTaken ? $"44{name},{{\"message\":\"Invalid namespace\"}}" : "close 1000", await client.ReadAsync());
    }

    [Fact]
    public async Task A_socket_with_too_many_questions_is_one_that_does_not_answer_a_broadcast()
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.MaxPendingAckCount = 1);
        var (client, socket) = await server.ConnectSocketAsync();
        var first = socket.EmitWithAckAsync<int>("first");
        await client.ReadAsync();

        var broadcast = await server.IO.Everybody.EmitWithAckAsync<int>("second");

        Assert.Equal((false, 1, 0), (broadcast.IsComplete, broadcast.AskedCount, broadcast.Values.Count));
        await client.SendAsync("430[1]");
        Assert.Equal(1, await first);
        await client.DisposeAsync();
    }

    [Fact]
    public async Task A_question_whose_time_is_up_is_none_that_is_waited_for()
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.MaxPendingAckCount = 1);
        var (client, socket) = await server.ConnectSocketAsync();
        for (var count = 0; count < 3; count++)
        {
            var timerCount = server.Time.TimerCount;
            var asked = socket.Timeout(TimeSpan.FromSeconds(1)).EmitWithAckAsync<int>("q");
            await Eventually.HoldsAsync(() => server.Time.TimerCount > timerCount);
            server.Time.Advance(TimeSpan.FromSeconds(1));
            await Assert.ThrowsAsync<TimeoutException>(() => asked);
            Assert.Equal(0, socket.PendingAcks.Count);
        }

        await client.DisposeAsync();
    }

    [Fact]
    public async Task A_socket_that_would_be_in_too_many_rooms_is_told_when_all_are_to_join_one()
    {
        var errors = new List<Exception>();
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.MaxRoomsPerSocket = 1);
        var (client, socket) = await server.ConnectSocketAsync();
        socket.OnError(errors.Add);
        socket.Join("room");

        await server.IO.Everybody.SocketsJoinAsync("another");

        Assert.Contains("MaxRoomsPerSocket", Assert.IsType<InvalidOperationException>(Assert.Single(errors)).Message, StringComparison.Ordinal);
        Assert.Equal([socket.Id, "room"], socket.Rooms);
        await client.DisposeAsync();
    }

    [Theory]
    [InlineData("__proto__")]
    [InlineData("constructor")]
    [InlineData("toString")]
    [InlineData("hasOwnProperty")]
    [InlineData("error")]
    [InlineData("")]
    [InlineData("message")]
    public async Task Names_that_mean_something_elsewhere_are_names(string name)
    {
        await using var server = await SocketIOTestServer.StartAsync(io => io.Of("/" + name).OnConnection(socket =>
        {
            socket.Join(name);
            socket.On(name, (string text) => text);
            socket.Data[name] = name;
        }));
        await using var client = await server.OpenWebSocketAsync();
        var (open, path) = name.Length == 0 ? ("40", "") : ($"40/{name},", $"/{name},");
        await client.SendAsync(open);
        Assert.StartsWith(open, await client.ReadAsync(), StringComparison.Ordinal);

        await client.SendAsync($"42{path}1[\"{name}\",\"{name}\"]");
        Assert.Equal($"43{path}1[\"{name}\"]", await client.ReadAsync());
        await server.IO.Of("/" + name).To(name).EmitAsync(name.Length == 0 ? "e" : name, new Dictionary<string, string> { [name] = name });

        Assert.Equal($"42{path}[\"{(name.Length == 0 ? "e" : name)}\",{{\"{name}\":\"{name}\"}}]", await client.ReadAsync());
    }

    [Theory]
    [InlineData("error")]
    [InlineData("nobody listens")]
    public async Task An_event_that_nobody_listens_to_harms_nobody(string name)
    {
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(socket => socket.On("ping me", () => 1)));
        await using var client = await server.ConnectAsync();

        await client.SendAsync($"42[\"{name}\"]");
        await client.SendAsync("421[\"ping me\"]");

        Assert.Equal("431[1]", await client.ReadAsync());
    }

    [Fact]
    public async Task Large_values_come_and_go_up_to_the_limit_and_by_bytes_not_characters()
    {
        await using var server = await SocketIOTestServer.StartAsync(
            io => io.OnConnection(socket => socket.On("echo", (string text) => text)), options => options.MaxPayload = 1_000);
        await using var client = await server.ConnectAsync();
        var text = new string('é', 300);

        await client.SendAsync($"421[\"echo\",\"{text}\"]");
        Assert.Equal($"431[\"{text}\"]", await client.ReadAsync());
        Assert.True(Encoding.UTF8.GetByteCount(text) < 1_000);
        await client.SendAsync($"421[\"echo\",\"{new string('é', 500)}\"]");

        Assert.Equal("close 1009", await client.ReadAsync());
    }
}
