using RawWs.Testing;

namespace RawWs.SocketIO.Tests;

/// <summary>Whom <see cref="SocketIOSocket.Disconnect"/> disconnects: nobody, when its own socket is not connected.</summary>
public sealed class DisconnectTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_socket_that_has_been_disconnected_ends_nothing_of_others(bool isByServer)
    {
        await using var server = await SocketIOTestServer.StartAsync(io => io.Of("/other").OnConnection(socket => socket.On("here", () => 1)));
        var (client, socket) = await server.ConnectSocketAsync();
        await client.SendAsync("40/other,");
        await server.FindAsync(await client.ReadAsync());
        if (isByServer)
        {
            socket.Disconnect();
            Assert.Equal("41", await client.ReadAsync());
        }
        else
        {
            await client.SendAsync("41");
            await Eventually.HoldsAsync(() => !socket.IsConnected);
        }

        socket.Disconnect(close: true);
        socket.Disconnect();

        await client.SendAsync("42/other,7[\"here\"]");
        Assert.Equal("43/other,7[1]", await client.ReadAsync());
        await client.DisposeAsync();
    }

    [Fact]
    public async Task One_that_has_left_does_not_end_the_next_of_its_client()
    {
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(socket => socket.On("here", () => 1)));
        var (client, former) = await server.ConnectSocketAsync();
        await client.SendAsync("41");
        await client.SendAsync("40");
        await server.FindAsync(await client.ReadAsync());

        former.Disconnect(close: true);

        await client.SendAsync("427[\"here\"]");
        Assert.Equal("437[1]", await client.ReadAsync());
        await client.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task In_a_middleware_nobody_is_disconnected(bool close)
    {
        await using var server = await SocketIOTestServer.StartAsync(io =>
        {
            io.Of("/other").OnConnection(socket => socket.On("here", () => 1));
            io.Use(socket =>
            {
                socket.Disconnect(close);
                return Task.CompletedTask;
            });
        });
        var (client, _) = await server.ConnectSocketAsync("40/other,");

        await client.SendAsync("40");
        Assert.Equal("/", SocketIOClients.Read(await client.ReadAsync()).Namespace);

        await client.SendAsync("42/other,7[\"here\"]");
        Assert.Equal("43/other,7[1]", await client.ReadAsync());
        await client.DisposeAsync();
    }

    [Fact]
    public async Task In_a_middleware_nobody_is_disconnected_who_comes_back()
    {
        await using var server = await SocketIOTestServer.StartAsync(
            io => io.Use(socket =>
            {
                socket.Disconnect();
                return Task.CompletedTask;
            }),
            options => options.ConnectionStateRecovery = new() { SkipMiddlewares = false });
        var (client, socket) = await server.ConnectSocketAsync();
        var (_, id, pid) = SocketIOClients.Read(client.LastMessage);
        client.WebSocket.Abort();
        await client.DisposeAsync();
        await Eventually.HoldsAsync(() => server.IO.ConnectionCount == 0 && socket.Rooms.Count == 0);

        await using var again = await server.OpenWebSocketAsync();
        await again.SendAsync($$"""40{"pid":"{{pid}}"}""");

        Assert.Equal(id, SocketIOClients.Read(await again.ReadAsync()).Id);
    }
}
