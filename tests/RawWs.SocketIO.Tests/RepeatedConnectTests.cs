using System.Text.Json;
using RawWs.Testing;

namespace RawWs.SocketIO.Tests;

/// <summary>Clients that ask for a namespace again before they have heard that they are in it, as pages do that connect, disconnect and connect at once.</summary>
public sealed class RepeatedConnectTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Who_asks_again_while_it_is_decided_about_gets_one_socket()
    {
        await using var asked = await Asked.BeginAsync("40/ns,{\"a\":1}");
        var (server, client) = (asked.Server, asked.Client);
        await client.SendAsync("40/ns,{ \"a\": 1 }");
        await client.SendAsync("40/ns,{\"a\":1}");
        await client.WebSocket.WaitUntilServerWaitsAsync();

        asked.Decide();
        Assert.Equal("/ns", SocketIOClients.Read(await client.ReadAsync()).Namespace);
        await client.SendAsync("42/ns,7[\"here\"]");

        Assert.Equal("43/ns,7[1]", await client.ReadAsync());
        Assert.Equal(["{\"a\":1}"], asked.Auths);
        Assert.Single(server.IO.Of("/ns").Sockets);
    }

    [Fact]
    public async Task Who_is_refused_is_told_what_becomes_of_its_last_request()
    {
        await using var asked = await Asked.BeginAsync("40/ns,");
        var client = asked.Client;
        await client.SendAsync("40/ns,{\"a\":1}");
        await client.SendAsync("40/ns,{\"a\":2}");
        await client.WebSocket.WaitUntilServerWaitsAsync();

        asked.Decide("not this one");
        asked.Decide();

        Assert.Equal("/ns", SocketIOClients.Read(await client.ReadAsync()).Namespace);
        Assert.Equal(["", "{\"a\":2}"], asked.Auths);

        // It is where it is: the next thing that it hears is an answer.
        await client.SendAsync("42/ns,7[\"here\"]");
        Assert.Equal("43/ns,7[1]", await client.ReadAsync());
    }

    [Fact]
    public async Task Who_is_refused_twice_is_told_the_second_time_and_not_decided_about_again()
    {
        await using var asked = await Asked.BeginAsync("40/ns,");
        var client = asked.Client;
        await client.SendAsync("40/ns,{\"a\":1}");
        await client.WebSocket.WaitUntilServerWaitsAsync();

        asked.Decide("not this one");
        asked.Decide("nor this");

        Assert.Equal("44/ns,{\"message\":\"nor this\"}", await client.ReadAsync());
        Assert.Equal(["", "{\"a\":1}"], asked.Auths);
    }

    [Fact]
    public async Task Who_says_something_else_is_not_who_it_was()
    {
        await using var asked = await Asked.BeginAsync("40/ns,{\"user\":\"a\"}");
        var (server, client) = (asked.Server, asked.Client);
        await client.SendAsync("40/ns,{\"user\":\"b\"}");
        await client.WebSocket.WaitUntilServerWaitsAsync();

        asked.Decide();
        asked.Decide();

        Assert.Equal("/ns", SocketIOClients.Read(await client.ReadAsync()).Namespace);

        // The server is told after the client.
        await Eventually.HoldsAsync(() => asked.ConnectedCount > 0);
        await client.WebSocket.WaitUntilServerWaitsAsync();
        var socket = Assert.Single(server.IO.Of("/ns").Sockets);
        Assert.Equal("b", socket.Handshake.Auth.GetProperty("user").GetString());
        Assert.Equal([false, true], asked.Sockets.Select(one => one.IsConnected));
        Assert.Equal(1, asked.ConnectedCount);
    }

    [Theory]
    [InlineData("40", true)]
    [InlineData("40{}", false)]
    [InlineData("40{\"user\":\"b\"}", false)]
    public async Task Who_has_just_been_let_in_is_told_again(string packet, bool isTold)
    {
        await using var server = await SocketIOTestServer.StartAsync();
        var (client, socket) = await server.ConnectSocketAsync();
        var reply = client.LastMessage;

        await client.SendAsync(packet);

        Assert.Equal(isTold ? reply : "close 1000", await client.ReadAsync());
        Assert.Equal(isTold, socket.IsConnected);
        if (isTold)
        {
            await client.SendAsync(packet);
            Assert.Equal("close 1000", await client.ReadAsync());
        }

        await client.DisposeAsync();
    }

    [Theory]
    [InlineData("42[\"e\"]")]
    [InlineData("430[]")]
    public async Task Who_has_said_something_knows_where_it_is(string packet)
    {
        await using var server = await SocketIOTestServer.StartAsync();
        await using var client = await server.ConnectAsync();

        await client.SendAsync(packet);
        await client.SendAsync("40");

        Assert.Equal("close 1000", await client.ReadAsync());
    }

    [Fact]
    public async Task Who_asks_without_end_is_closed()
    {
        await using var asked = await Asked.BeginAsync("40/ns,");
        var client = asked.Client;

        for (var count = 0; count < 9; count++)
            await client.SendAsync("40/ns,");

        Assert.Equal("close 1000", await client.ReadAsync());
        asked.Decide();
        await Eventually.HoldsAsync(() => asked.Sockets.All(socket => !socket.IsConnected));
        Assert.Single(asked.Auths);
        Assert.Empty(asked.Server.IO.Of("/ns").Sockets);
    }

    [Fact]
    public async Task Who_has_been_let_in_may_ask_again_as_often_as_before()
    {
        await using var asked = await Asked.BeginAsync("40/ns,");
        var client = asked.Client;
        for (var round = 1; round <= 10; round++)
        {
            await client.SendAsync("40/ns,");
            await client.WebSocket.WaitUntilServerWaitsAsync();
            asked.Decide();
            Assert.Equal("/ns", SocketIOClients.Read(await client.ReadAsync()).Namespace);
            await Eventually.HoldsAsync(() => asked.ConnectedCount == round);
            await client.SendAsync("41/ns,");
            await client.SendAsync("40/ns,");
            await Eventually.HoldsAsync(() => asked.Sockets.Count == round + 1);
        }
    }

    [Fact]
    public async Task Who_goes_after_it_has_asked_again_is_nobody()
    {
        await using var asked = await Asked.BeginAsync("40/ns,");
        var client = asked.Client;
        await client.SendAsync("40/ns,{\"a\":1}");
        await client.WebSocket.WaitUntilServerWaitsAsync();

        client.WebSocket.Abort();
        await Eventually.HoldsAsync(() => asked.Server.IO.ConnectionCount == 0);
        asked.Decide("no");
        await Eventually.HoldsAsync(() => !asked.Sockets[0].IsConnected);

        Assert.Single(asked.Auths);
        Assert.Empty(asked.Server.IO.Of("/ns").Sockets);
    }

    /// <summary>A client that a middleware decides about, each time when it is told to.</summary>
    private sealed class Asked : IAsyncDisposable
    {
        private readonly SemaphoreSlim _decided = new(0);
        private readonly Queue<string?> _decisions = new();
        private readonly List<SocketIOSocket> _sockets = [];
        private int _connectedCount;

        public required SocketIOTestServer Server { get; init; }

        public required EngineClient Client { get; init; }

        public IReadOnlyList<SocketIOSocket> Sockets
        {
            get
            {
                lock (_sockets)
                    return [.. _sockets];
            }
        }

        public IEnumerable<string> Auths
            => Sockets.Select(socket => socket.Handshake.Auth is { ValueKind: JsonValueKind.Object } auth ? auth.GetRawText() : "");

        public int ConnectedCount => Volatile.Read(ref _connectedCount);

        public static async Task<Asked> BeginAsync(string packet)
        {
            var server = await SocketIOTestServer.StartAsync();
            var asked = new Asked { Server = server, Client = await server.OpenWebSocketAsync() };
            server.IO.Of("/ns").Use(asked.AnswerAsync);
            server.IO.Of("/ns").OnConnection(socket =>
            {
                Interlocked.Increment(ref asked._connectedCount);
                socket.On("here", () => 1);
            });
            await asked.Client.SendAsync(packet);
            await Eventually.HoldsAsync(() => asked.Sockets.Count == 1);
            return asked;
        }

        /// <param name="refusal">What the client is told, if it is not let in.</param>
        public void Decide(string? refusal = null)
        {
            lock (_decisions)
                _decisions.Enqueue(refusal);

            _decided.Release();
        }

        public async ValueTask DisposeAsync()
        {
            await Client.DisposeAsync();
            await Server.DisposeAsync();
        }

        private async Task AnswerAsync(SocketIOSocket socket)
        {
            lock (_sockets)
                _sockets.Add(socket);

            await _decided.WaitAsync(Long);
            string? refusal;
            lock (_decisions)
                refusal = _decisions.Dequeue();

            if (refusal is not null)
                throw new ConnectErrorException(refusal);
        }
    }
}
