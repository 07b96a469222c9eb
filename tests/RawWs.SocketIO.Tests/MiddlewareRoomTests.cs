using System.Collections.Concurrent;
using RawWs.Testing;

namespace RawWs.SocketIO.Tests;

/// <summary>What a middleware does with the rooms of a socket holds from the moment it connects, is seen by nobody before, and leaves nothing behind if it does not.</summary>
public sealed class MiddlewareRoomTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Nobody_finds_a_socket_in_a_room_before_it_is_connected()
    {
        var told = new ConcurrentQueue<string>();
        await using var asked = await Asked.BeginAsync(io =>
        {
            io.Of("/").Adapter.RoomCreated += room => told.Enqueue("created " + room);
            io.Of("/").Adapter.RoomJoined += (room, id) => told.Enqueue($"{id} joined {room}");
        });
        var (server, client, socket) = asked;

        socket.Join("user", "left");
        socket.Leave("left");
        socket.Leave(socket.Id);
        Assert.Equal(["user"], socket.Rooms);
        Assert.Empty(server.IO.To("user").Sockets);
        Assert.Empty((await server.IO.To("user").FetchSocketsAsync()));
        Assert.False(server.IO.Of("/").Adapter.HasLocalRoom("user"));
        await server.IO.To("user").EmitAsync("too early");
        await server.IO.To("user").SocketsJoinAsync("never");
        Assert.Empty(told);

        asked.Release.SetResult();
        Assert.Equal(socket.Id, SocketIOClients.Read(await client.ReadAsync()).Id);

        // It is found there a moment before adapters are told, which happens under no lock.
        await Eventually.HoldsAsync(() => told.Count >= 4);
        Assert.Single(server.IO.To("user").Sockets);
        Assert.Equal(["created " + socket.Id, $"{socket.Id} joined {socket.Id}", "created user", $"{socket.Id} joined user"], told);
        Assert.Equal([socket.Id, "user"], socket.Rooms);
        await server.IO.To("user").EmitAsync("news");
        Assert.Equal("42[\"news\"]", await client.ReadAsync());
    }

    [Fact]
    public async Task Of_whoever_is_refused_nothing_stays()
    {
        await using var asked = await Asked.BeginAsync();
        var (server, client, socket) = asked;
        socket.Join("user");

        asked.Release.SetException(new ConnectErrorException("no"));
        Assert.Equal("44{\"message\":\"no\"}", await client.ReadAsync());
        socket.Join("late");

        Assert.Empty(socket.Rooms);
        Assert.False(socket.IsConnected);
        Assert.Empty(server.IO.Of("/").Adapter.LocalRooms);
    }

    [Fact]
    public async Task Of_whoever_goes_while_it_is_decided_about_nothing_stays()
    {
        await using var asked = await Asked.BeginAsync();
        var (server, client, socket) = asked;
        socket.Join("user");

        client.WebSocket.Abort();
        await Eventually.HoldsAsync(() => server.IO.ConnectionCount == 0);
        asked.Release.SetResult();
        await Eventually.HoldsAsync(() => !socket.IsConnected && socket.Rooms.Count == 0);
        socket.Join("late");

        Assert.Empty(socket.Rooms);
        Assert.Empty(server.IO.Of("/").Adapter.LocalRooms);
    }

    [Fact]
    public async Task Rooms_have_their_limit_there_too()
    {
        await using var server = await SocketIOTestServer.StartAsync(
            io => io.Use(socket =>
            {
                socket.Join("a", "b", "a", socket.Id);
                socket.Join("c");
                return Task.CompletedTask;
            }),
            options => options.MaxRoomsPerSocket = 2);
        await using var client = await server.OpenWebSocketAsync();

        await client.SendAsync("40");

        Assert.Equal("44{\"message\":\"internal error\"}", await client.ReadAsync());
        Assert.Contains(server.Log.AboveDebug, line => line.Contains(nameof(SocketIOServerOptions.MaxRoomsPerSocket), StringComparison.Ordinal));
        Assert.Empty(server.IO.Of("/").Adapter.LocalRooms);
    }

    [Fact]
    public async Task Who_comes_back_is_in_its_rooms_for_the_middlewares_which_may_change_them()
    {
        IReadOnlyList<string> seen = [];
        await using var server = await SocketIOTestServer.StartAsync(
            io => io.Use(socket =>
            {
                seen = socket.Rooms;
                socket.Leave("old");
                socket.Join(socket.IsRecovered ? "new" : "old", "user");
                return Task.CompletedTask;
            }),
            options => options.ConnectionStateRecovery = new() { SkipMiddlewares = false });
        var (client, socket) = await server.ConnectSocketAsync();
        var (_, id, pid) = SocketIOClients.Read(client.LastMessage);
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        socket.OnDisconnect(_ => gone.SetResult());
        client.WebSocket.Abort();
        await gone.Task.WaitAsync(Long);
        await client.DisposeAsync();

        await using var again = await server.OpenWebSocketAsync();
        await again.SendAsync($$"""40{"pid":"{{pid}}"}""");
        var recovered = await server.FindAsync(await again.ReadAsync());

        Assert.Equal((id, true), (recovered.Id, recovered.IsRecovered));
        Assert.Equal([id, "old", "user"], seen.Order(StringComparer.Ordinal).OrderBy(room => room != id));
        Assert.Equal([id, "new", "user"], recovered.Rooms.Order(StringComparer.Ordinal).OrderBy(room => room != id));
        Assert.Equal([recovered], server.IO.To("new").Sockets);
        Assert.False(server.IO.Of("/").Adapter.HasLocalRoom("old"));
    }

    /// <summary>A client that a middleware decides about.</summary>
    private sealed record Asked(SocketIOTestServer Server, EngineClient Client, SocketIOSocket Socket) : IAsyncDisposable
    {
        public required TaskCompletionSource Release { get; init; }

        public static async Task<Asked> BeginAsync(Action<SocketIOServer>? setUp = null)
        {
            var asked = new TaskCompletionSource<SocketIOSocket>(TaskCreationOptions.RunContinuationsAsynchronously);
            var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var server = await SocketIOTestServer.StartAsync(io =>
            {
                io.Use(socket =>
                {
                    asked.SetResult(socket);
                    return release.Task;
                });
                setUp?.Invoke(io);
            });
            var client = await server.OpenWebSocketAsync();
            await client.SendAsync("40");
            return new Asked(server, client, await asked.Task.WaitAsync(Long)) { Release = release };
        }

        public async ValueTask DisposeAsync()
        {
            Release.TrySetResult();
            await Client.DisposeAsync();
            await Server.DisposeAsync();
        }
    }
}
