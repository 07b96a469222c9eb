using System.Text.Json;
using RawWs.Testing;
using SocketIOClient;
using SocketIOClient.Transport;
using Client = SocketIOClient.SocketIO;

namespace RawWs.SocketIO.Tests.EndToEnd;

/// <summary>The client for .NET, which is not from those who made Socket.IO.</summary>
public sealed class DotNetClientTests
{
    [Theory]
    [InlineData(4, TransportProtocol.WebSocket, false)]
    [InlineData(4, TransportProtocol.Polling, false)]
    [InlineData(4, TransportProtocol.Polling, true)]
    [InlineData(3, TransportProtocol.WebSocket, false)]
    [InlineData(3, TransportProtocol.Polling, false)]
    [InlineData(3, TransportProtocol.Polling, true)]
    public async Task Events_acks_and_bytes_come_and_go(int protocol, TransportProtocol transport, bool upgrades)
    {
        await using var server = await StartAsync();
        using var client = await ConnectAsync(server, new SocketIOOptions { EIO = protocol, Transport = transport, AutoUpgrade = upgrades });
        var (sum, bytes, question) = (NewAnswer<int>(), NewAnswer<byte[]>(), NewAnswer<int>());
        var said = new List<int>();
        var isAllSaid = NewAnswer<bool>();
        client.On("said", response =>
        {
            said.Add(response.GetValue<int>());
            if (said.Count == 100)
                isAllSaid.SetResult(true);
        });
        client.On("question", async response => await response.CallbackAsync(response.GetValue<int>() * 2));

        await client.EmitAsync("sum", response => sum.SetResult(response.GetValue<int>()), 1, 2);
        Assert.Equal(3, await sum.Task.WaitAsync(TestContext.Current.CancellationToken));
        await client.EmitAsync("bytes", response => bytes.SetResult(response.GetValue<byte[]>()), new byte[] { 0, 255, 30 });
        Assert.Equal([0, 255, 30], await bytes.Task.WaitAsync(TestContext.Current.CancellationToken));
        await client.EmitAsync("ask me", response => question.SetResult(response.GetValue<int>()), 21);
        Assert.Equal(42, await question.Task.WaitAsync(TestContext.Current.CancellationToken));
        for (var number = 0; number < 100; number++)
            await client.EmitAsync("say", number);

        await isAllSaid.Task.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(Enumerable.Range(0, 100), said);

        // A loop that got no time on a busy machine may be a warning.
        Assert.DoesNotContain(server.Log.AboveDebug, record => record.StartsWith("Error", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(TransportProtocol.WebSocket)]
    [InlineData(TransportProtocol.Polling)]
    public async Task A_namespace_knows_its_auth_and_who_is_disconnected_is_told(TransportProtocol transport)
    {
        await using var server = await StartAsync();
        using var client = await ConnectAsync(server, new SocketIOOptions { Transport = transport, AutoUpgrade = false, Reconnection = false, Auth = new Dictionary<string, string> { ["token"] = "t" } }, "/admin");
        var (who, end) = (NewAnswer<string>(), NewAnswer<string>());
        client.OnDisconnected += (_, reason) => end.TrySetResult(reason);

        await client.EmitAsync("who", response => who.SetResult(response.GetValue<string>()));
        Assert.Equal("t", await who.Task.WaitAsync(TestContext.Current.CancellationToken));
        await client.EmitAsync("kick me");

        Assert.Equal("io server disconnect", await end.Task.WaitAsync(TestContext.Current.CancellationToken));
    }

    private static async Task<Client> ConnectAsync(LoopbackServer server, SocketIOOptions options, string nsp = "")
    {
        var connected = NewAnswer<bool>();
        var client = new Client($"http://{server.EndPoint}{nsp}", options);
        client.OnConnected += (_, _) => connected.TrySetResult(true);
        await client.ConnectAsync();
        await connected.Task.WaitAsync(TestContext.Current.CancellationToken);
        return client;
    }

    private static Task<LoopbackServer> StartAsync() => LoopbackServer.StartAsync(map: core =>
    {
        var io = new SocketIOServer(core, new SocketIOServerOptions { AllowEio3 = true });
        io.OnConnection(socket =>
        {
            socket.On("sum", (int a, int b) => a + b);
            socket.On("bytes", (byte[] bytes) => bytes);
            socket.On("ask me", (int number) => socket.EmitWithAckAsync<int>("question", number));
            socket.On("say", (int number) => io.EmitAsync("said", number));
        });
        io.Of("/admin").OnConnection(socket =>
        {
            socket.On("who", () => socket.Handshake.Auth is { ValueKind: JsonValueKind.Object } auth ? auth.GetProperty("token").GetString() : null);
            socket.On("kick me", () => socket.Disconnect());
        });
    });

    private static TaskCompletionSource<T> NewAnswer<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
