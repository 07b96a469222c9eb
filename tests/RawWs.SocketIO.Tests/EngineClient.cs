using System.Text;
using System.Text.Json;
using RawWs.Testing;

namespace RawWs.SocketIO.Tests;

/// <summary>A client of Engine.IO that says exactly what it is told to: each request on a connection of its own, so that they may overlap.</summary>
internal sealed class EngineClient(TestServer server) : IAsyncDisposable
{
    private readonly List<WireClient> _connections = [];
    private WireClient? _webSocket;

    /// <summary>The id of its session.</summary>
    public string Sid { get; private set; } = "";

    public string SessionQuery => $"EIO=4&transport=polling&sid={Sid}";

    public WireClient WebSocket => _webSocket ?? throw new InvalidOperationException("There is no WebSocket.");

    public async Task BeginPollingAsync()
    {
        var response = await RequestAsync("GET", "EIO=4&transport=polling");
        Assert.Equal(200, response.Status);
        Sid = JsonDocument.Parse(response.Content.AsMemory(1)).RootElement.GetProperty("sid").GetString()!;
    }

    public async Task<WireResponse> RequestAsync(string method, string query, string body = "", string headers = "")
        => await (await SendAsync(method, query, body, headers)).ReadResponseAsync(method == "HEAD");

    /// <summary>Sends a request whose answer is read later.</summary>
    public async Task<WireClient> SendAsync(string method, string query, string body = "", string headers = "")
    {
        var connection = server.Connect();
        _connections.Add(connection);
        var length = method is "GET" or "OPTIONS" or "HEAD" ? "" : $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n";
        await connection.SendAsync(Encoding.UTF8.GetBytes($"{method} /socket.io/?{query} HTTP/1.1\r\nHost: localhost\r\n{headers}{length}\r\n{body}"));
        return connection;
    }

    /// <summary>A connection on which nothing has been said yet.</summary>
    public WireClient ConnectRaw()
    {
        var connection = server.Connect();
        _connections.Add(connection);
        return connection;
    }

    public Task<WireClient> BeginPollAsync() => SendAsync("GET", SessionQuery);

    /// <summary>Waits until something has come, and returns it.</summary>
    public async Task<string> PollAsync()
    {
        var response = await RequestAsync("GET", SessionQuery);
        Assert.Equal(200, response.Status);
        return response.Text;
    }

    public async Task PostAsync(string body)
    {
        var response = await RequestAsync("POST", SessionQuery, body);
        Assert.Equal((200, "ok"), (response.Status, response.Text));
    }

    public async Task OpenWebSocketAsync(string? query = null)
    {
        _webSocket = server.Connect();
        _connections.Add(_webSocket);
        await _webSocket.OpenAsync(path: "/socket.io/?" + (query ?? "EIO=4&transport=websocket"));
    }

    /// <summary>A WebSocket that wants to take the session over.</summary>
    public Task OpenUpgradeAsync() => OpenWebSocketAsync($"EIO=4&transport=websocket&sid={Sid}");

    public Task SendAsync(string text) => WebSocket.SendAsync(WireFrame.MaskedText(text));

    public Task SendAsync(byte[] bytes) => WebSocket.SendAsync(WireFrame.Masked(0x82, bytes));

    /// <summary>The next message: text, or <c>#</c> and hex, or <c>close</c> and the code.</summary>
    public async Task<string> ReadAsync()
    {
        var frame = await WebSocket.ReadFrameAsync();
        return frame.Opcode switch
        {
            1 => frame.Text,
            2 => "#" + Convert.ToHexString(frame.Payload),
            _ => $"close {frame.CloseCode}",
        };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            await connection.DisposeAsync();
    }
}
