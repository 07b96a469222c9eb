using System.Net.WebSockets;
using System.Text;
using RawWs.Host.Tests;

namespace RawWs.Redis.Tests.SocketIO;

/// <summary>A client of a server for Node whose packets are said one by one.</summary>
internal sealed class NodeClient : IAsyncDisposable
{
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromMinutes(2));
    private readonly ClientWebSocket _socket = new();

    private NodeClient()
    {
    }

    /// <summary>Connects over a WebSocket, and reads the open packet.</summary>
    public static async Task<NodeClient> OpenAsync(int port)
    {
        var client = new NodeClient();
        await client._socket.ConnectAsync(new Uri($"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket"), client._deadline.Token);
        Assert.StartsWith("0{", await client.ReadAsync(), StringComparison.Ordinal);
        return client;
    }

    public Task SendAsync(string text) => _socket.SendAsync(text, _deadline.Token);

    /// <summary>The next packet, but for pings, which are answered; a binary one as <c>#</c> and its bytes.</summary>
    public async Task<string> ReadAsync()
    {
        while (true)
        {
            var (type, payload) = await _socket.ReceiveMessageAsync(_deadline.Token);
            if (type == WebSocketMessageType.Binary)
                return "#" + Convert.ToHexString(payload);

            var text = Encoding.UTF8.GetString(payload);
            if (text != "2")
                return text;

            await SendAsync("3");
        }
    }

    /// <summary>Loses the connection.</summary>
    public ValueTask DisposeAsync()
    {
        _socket.Abort();
        _socket.Dispose();
        _deadline.Dispose();
        return default;
    }
}
