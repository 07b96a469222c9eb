using System.Net.WebSockets;
using System.Text;
using RawWs.Testing;
using RawWs.Tests.Transport;

namespace RawWs.Tests.EndToEnd;

/// <summary>The runtime's own client, over real sockets.</summary>
public class ClientWebSocketTests : LoopbackTests, IDisposable
{
    private readonly CancellationTokenSource _timeout = new(TimeSpan.FromSeconds(60));

    public void Dispose()
    {
        _timeout.Dispose();
        GC.SuppressFinalize(this);
    }

    public static TheoryData<int> Lengths() => [0, 1, 125, 126, 127, 65_535, 65_536, 1_048_576];

    [Theory]
    [MemberData(nameof(Lengths))]
    public async Task Binary_is_echoed(int length)
    {
        await using var server = await StartServerAsync();
        using var client = await ConnectAsync(server);
        var payload = new byte[length];
        new Random(length).NextBytes(payload);

        await client.SendAsync(payload, WebSocketMessageType.Binary, true, _timeout.Token);

        var (type, received) = await ReceiveAsync(client);
        Assert.Equal(WebSocketMessageType.Binary, type);
        Assert.True(payload.AsSpan().SequenceEqual(received));
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public async Task Text_is_echoed(int length)
    {
        await using var server = await StartServerAsync();
        using var client = await ConnectAsync(server);

        // As many bytes as it says, with characters of one to four of them.
        var text = string.Concat(Enumerable.Repeat("aé€𝄞", length / 10)) + new string('z', length % 10);
        Assert.Equal(length, Encoding.UTF8.GetByteCount(text));
        await client.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, _timeout.Token);

        var (type, received) = await ReceiveAsync(client);
        Assert.Equal(WebSocketMessageType.Text, type);
        Assert.Equal(text, Encoding.UTF8.GetString(received));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task A_fragmented_message_is_echoed_whole(int pieceLength)
    {
        await using var server = await StartServerAsync();
        using var client = await ConnectAsync(server);
        var payload = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("aé€𝄞", 100)));

        for (var start = 0; start < payload.Length; start += pieceLength)
        {
            var end = Math.Min(start + pieceLength, payload.Length);
            await client.SendAsync(payload.AsMemory(start..end), WebSocketMessageType.Text, end == payload.Length, _timeout.Token);
        }

        Assert.Equal(payload, (await ReceiveAsync(client)).Payload);
    }

    [Fact]
    public async Task A_subprotocol_is_agreed_on()
    {
        await using var server = await StartServerAsync(configure: options => options.Subprotocols.Add("b"));
        using var client = await ConnectAsync(server, options =>
        {
            options.AddSubProtocol("a");
            options.AddSubProtocol("b");
        });

        Assert.Equal("b", client.SubProtocol);
    }

    [Fact]
    public async Task The_client_closes()
    {
        var closed = new TaskCompletionSource<CloseResult>();
        await using var server = await StartObservedAsync(closed);
        using var client = await ConnectAsync(server);

        await client.CloseAsync((WebSocketCloseStatus)4001, "näher", _timeout.Token);

        Assert.Equal(WebSocketState.Closed, client.State);
        Assert.Equal((WebSocketCloseStatus)4001, client.CloseStatus);
        var result = await closed.Task.WaitAsync(_timeout.Token);
        Assert.Equal(new CloseResult(CloseInitiator.Remote, true, (CloseCode)4001, "", (CloseCode)4001, "näher"), result);
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
    }

    [Fact]
    public async Task The_server_closes()
    {
        var closed = new TaskCompletionSource<CloseResult>();
        await using var server = await StartObservedAsync(closed, (connection, _) => connection.CloseAsync((CloseCode)4002, "fertig"));
        using var client = await ConnectAsync(server);

        await ReceiveAsync(client);
        Assert.Equal(((WebSocketCloseStatus)4002, "fertig"), (client.CloseStatus!.Value, client.CloseStatusDescription));
        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, _timeout.Token);

        Assert.Equal(WebSocketState.Closed, client.State);
        var result = await closed.Task.WaitAsync(_timeout.Token);
        Assert.Equal((CloseInitiator.Local, true, (CloseCode)4002), (result.Initiator, result.IsClean, result.SentCode));
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
    }

    // With a timeout the client pings and insists on pongs; in each second there are several.
    [Fact]
    public async Task The_clients_own_keep_alive_is_satisfied()
    {
        var pings = new SemaphoreSlim(0);
        await using var server = await StartServerAsync(async (connection, cancellationToken) =>
        {
            connection.PingReceived = (_, _) => pings.Release();
            await TestServer.EchoAsync(connection, cancellationToken);
        });
        using var client = await ConnectAsync(server, options =>
        {
            options.KeepAliveInterval = TimeSpan.FromMilliseconds(50);
            options.KeepAliveTimeout = TimeSpan.FromSeconds(20);
        });
        var receiving = ReceiveAsync(client);

        for (var count = 0; count < 5; count++)
            await pings.WaitAsync(_timeout.Token);

        await client.SendAsync("alive"u8.ToArray(), WebSocketMessageType.Text, true, _timeout.Token);
        Assert.Equal("alive"u8.ToArray(), (await receiving).Payload);
    }

    [Fact]
    public async Task The_client_aborts()
    {
        var closed = new TaskCompletionSource<CloseResult>();
        await using var server = await StartObservedAsync(closed);
        using var client = await ConnectAsync(server);

        client.Abort();

        var result = await closed.Task.WaitAsync(_timeout.Token);
        Assert.Equal((CloseInitiator.Transport, false), (result.Initiator, result.IsClean));
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task The_server_aborts()
    {
        await using var server = await StartServerAsync((connection, _) =>
        {
            connection.Abort();
            return Task.CompletedTask;
        });
        using var client = await ConnectAsync(server);

        await Assert.ThrowsAsync<WebSocketException>(() => ReceiveAsync(client));
    }

    [Fact]
    public async Task A_hundred_clients_talk_at_once()
    {
        await using var server = await StartServerAsync();
        await Task.WhenAll(Enumerable.Range(0, 100).Select(async number =>
        {
            using var client = await ConnectAsync(server);
            for (var count = 0; count < 20; count++)
            {
                var payload = Encoding.ASCII.GetBytes($"{number}:{count}");
                await client.SendAsync(payload, WebSocketMessageType.Text, true, _timeout.Token);
                Assert.Equal(payload, (await ReceiveAsync(client)).Payload);
            }

            await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, _timeout.Token);
        }));

        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Empty(server.Log.AboveDebug);
    }

    private Task<LoopbackServer> StartObservedAsync(
        TaskCompletionSource<CloseResult> closed, Func<WebSocketConnection, CancellationToken, Task>? session = null)
        => StartServerAsync(async (connection, cancellationToken) =>
        {
            _ = connection.Closed.ContinueWith(task => closed.SetResult(task.Result), TaskScheduler.Default);
            await (session ?? TestServer.EchoAsync)(connection, cancellationToken);
        });

    private async Task<ClientWebSocket> ConnectAsync(LoopbackServer server, Action<ClientWebSocketOptions>? configure = null)
    {
        var client = new ClientWebSocket();
        configure?.Invoke(client.Options);
        await client.ConnectAsync(server.Uri, _timeout.Token);
        return client;
    }

    private async Task<(WebSocketMessageType Type, byte[] Payload)> ReceiveAsync(ClientWebSocket client)
    {
        var (received, buffer) = (new List<byte>(), new byte[10_000]);
        WebSocketReceiveResult result;
        do
        {
            result = await client.ReceiveAsync(buffer, _timeout.Token);
            received.AddRange(buffer.AsSpan(0, result.Count));
        }
        while (!result.EndOfMessage);

        return (result.MessageType, [.. received]);
    }
}
