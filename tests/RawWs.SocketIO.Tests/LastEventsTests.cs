using RawWs.Testing;

namespace RawWs.SocketIO.Tests;

/// <summary>What a client said before it went is heard, and what the server does not want to hear any more is not.</summary>
public sealed class LastEventsTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("leaves")]
    [InlineData("is gone")]
    [InlineData("breaks a rule")]
    public async Task What_came_before_the_end_is_dispatched_and_the_end_behind_it(string end)
    {
        await using var busy = await Busy.BeginAsync();
        var (server, client, socket, _) = busy;
        await client.SendAsync("42[\"fast\",1]");
        await client.SendAsync("427[\"fast\",2]");

        if (end == "is gone")
        {
            await client.WebSocket.WaitUntilServerWaitsAsync();
            client.WebSocket.Abort();
        }
        else
        {
            await client.SendAsync(end == "leaves" ? "41" : "nonsense");
        }

        await Eventually.HoldsAsync(() => !socket.IsConnected);
        Assert.Equal(["slow"], busy.Heard);
        busy.Release.SetResult();
        await busy.Gone.Task.WaitAsync(Long);

        // The answer to who has gone is no error either.
        Assert.Equal(["slow", "fast 1", "fast 2", "disconnecting", "disconnect"], busy.Heard);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Whom_the_server_disconnects_it_hears_no_more(bool close)
    {
        await using var busy = await Busy.BeginAsync();
        var (_, client, socket, _) = busy;
        await client.SendAsync("42[\"fast\",1]");
        await client.WebSocket.WaitUntilServerWaitsAsync();

        socket.Disconnect(close);
        busy.Release.SetResult();
        await busy.Gone.Task.WaitAsync(Long);

        Assert.Equal(["slow", "disconnecting", "disconnect"], busy.Heard);
    }

    [Fact]
    public async Task A_server_that_stops_waits_for_no_handler()
    {
        await using var busy = await Busy.BeginAsync();
        var (server, client, _, _) = busy;
        await client.SendAsync("42[\"fast\",1]");
        await client.WebSocket.WaitUntilServerWaitsAsync();

        await server.IO.CloseAsync().WaitAsync(Long);
        busy.Release.SetResult();
        await busy.Gone.Task.WaitAsync(Long);

        Assert.Equal(["slow", "disconnecting", "disconnect"], busy.Heard);
    }

    [Fact]
    public async Task What_those_who_have_gone_leave_behind_is_counted_until_it_has_been_heard()
    {
        await using var busy = await Busy.BeginAsync();
        var (server, client, socket, _) = busy;
        await client.SendAsync("42[\"fast\",1]");
        await client.WebSocket.WaitUntilServerWaitsAsync();
        Assert.Equal(0, server.IO.EndedSockets.Size);

        client.WebSocket.Abort();
        await Eventually.HoldsAsync(() => server.IO.EndedSockets.Size == "[\"fast\",1]".Length);
        busy.Release.SetResult();
        await busy.Gone.Task.WaitAsync(Long);

        Assert.Equal(0, server.IO.EndedSockets.Size);
        Assert.False(socket.IsConnected);
    }

    [Fact]
    public async Task What_has_been_heard_before_the_end_is_not_left_behind()
    {
        await using var busy = await Busy.BeginAsync();
        var (server, client, socket, _) = busy;
        var (isBegun, release) = (new TaskCompletionSource(), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        socket.On("again", () =>
        {
            isBegun.SetResult();
            return release.Task;
        });
        await client.SendAsync("42[\"again\"]");
        await client.SendAsync("42[\"fast\",1]");
        await client.WebSocket.WaitUntilServerWaitsAsync();
        busy.Release.SetResult();
        await isBegun.Task.WaitAsync(Long);

        client.WebSocket.Abort();
        await Eventually.HoldsAsync(() => !socket.IsConnected);

        Assert.Equal("[\"fast\",1]".Length, server.IO.EndedSockets.Size);
        release.SetResult();
        await busy.Gone.Task.WaitAsync(Long);
    }

    [Fact]
    public void What_those_who_have_gone_leave_behind_has_a_limit_and_whoever_leaves_nothing_is_not_held_to_it()
    {
        var ended = new EndedSockets(maxCount: 3, maxSize: 100);

        Assert.True(ended.TryAdd(60));
        Assert.False(ended.TryAdd(41));
        Assert.True(ended.TryAdd(40));
        Assert.False(ended.TryAdd(1));
        Assert.True(ended.TryAdd(0));
        Assert.False(ended.TryAdd(0));
        ended.Remove(60);
        Assert.True(ended.TryAdd(60));
        Assert.Equal(100, ended.Size);
    }

    [Fact]
    public async Task Of_those_who_have_gone_as_many_are_listened_to_as_there_may_be_clients()
    {
        await using var busy = await Busy.BeginAsync(options => options.MaxSessionCount = 1);
        var server = busy.Server;
        await GoAsync(busy.Client, 1);
        await using var second = await server.OpenWebSocketAsync();
        await second.SendAsync("40");
        await server.FindAsync(await second.ReadAsync());
        await second.SendAsync("42[\"slow\"]");
        await GoAsync(second, 2);

        busy.Release.SetResult();
        await Eventually.HoldsAsync(() => busy.Heard.Count(what => what == "disconnect") == 2);
        Assert.Equal(["fast 1"], busy.Heard.Where(what => what.StartsWith("fast", StringComparison.Ordinal)));

        // Who is done leaves room for the next.
        await using var third = await server.OpenWebSocketAsync();
        await third.SendAsync("40");
        await server.FindAsync(await third.ReadAsync());
        await GoAsync(third, 3);
        await Eventually.HoldsAsync(() => busy.Heard.Contains("fast 3"));

        async Task GoAsync(EngineClient client, int number)
        {
            await client.SendAsync($"42[\"fast\",{number}]");
            await client.WebSocket.WaitUntilServerWaitsAsync();
            client.WebSocket.Abort();
            await Eventually.HoldsAsync(() => server.IO.ConnectionCount == 0 && server.IO.Sockets.Count == 0);
        }
    }

    /// <summary>A client whose first event is still worked on.</summary>
    private sealed record Busy(SocketIOTestServer Server, EngineClient Client, SocketIOSocket Socket, Application Application) : IAsyncDisposable
    {
        public TaskCompletionSource Release => Application.Release;

        public TaskCompletionSource Gone => Application.Gone;

        public IReadOnlyList<string> Heard => Application.Heard;

        public static async Task<Busy> BeginAsync(Action<SocketIOServerOptions>? configure = null)
        {
            var application = new Application();
            var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(application.Listen), configure);
            var (client, socket) = await server.ConnectSocketAsync();
            await client.SendAsync("42[\"slow\"]");
            await Eventually.HoldsAsync(() => application.Heard.Count == 1);
            return new Busy(server, client, socket, application);
        }

        public async ValueTask DisposeAsync()
        {
            Release.TrySetResult();
            await Client.DisposeAsync();
            await Server.DisposeAsync();
        }
    }

    /// <summary>Handlers that note what they are called for.</summary>
    private sealed class Application
    {
        private readonly List<string> _heard = [];

        public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Gone { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IReadOnlyList<string> Heard
        {
            get
            {
                lock (_heard)
                    return [.. _heard];
            }
        }

        public void Listen(SocketIOSocket socket)
        {
            socket.On("slow", async () =>
            {
                Add("slow");
                await Release.Task;
            });
            socket.On("fast", (int number) =>
            {
                Add($"fast {number}");
                return number;
            });
            socket.OnDisconnecting(_ =>
            {
                Add("disconnecting");
                return Task.CompletedTask;
            });
            socket.OnDisconnect(_ =>
            {
                Add("disconnect");
                Gone.TrySetResult();
            });
        }

        private void Add(string what)
        {
            lock (_heard)
                _heard.Add(what);
        }
    }
}
