using System.Text;
using System.Text.RegularExpressions;
using RawWs.Testing;

namespace RawWs.SocketIO.Tests;

/// <summary>A client of Engine.IO that says exactly what it is told to: each request on a connection of its own, so that they may overlap.</summary>
internal sealed partial class EngineClient(TestServer server) : IAsyncDisposable
{
    /// <summary>Those of a request for a WebSocket, for whoever expects none.</summary>
    public const string UpgradeHeaders = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

    private readonly List<WireClient> _connections = [];
    private WireClient? _webSocket;

    /// <summary>The id of its session.</summary>
    public string Sid { get; private set; } = "";

    /// <summary>The protocol that it speaks, as it names it.</summary>
    public string Protocol { get; init; } = "4";

    public string SessionQuery => $"EIO={Protocol}&transport=polling&sid={Sid}";

    /// <summary>What was read last from the WebSocket.</summary>
    public string LastMessage { get; private set; } = "";

    public WireClient WebSocket => _webSocket ?? throw new InvalidOperationException("There is no WebSocket.");

    public async Task BeginPollingAsync(string more = "")
    {
        var response = await RequestAsync("GET", $"EIO={Protocol}&transport=polling{more}");
        Assert.Equal(200, response.Status);
        TakeSid(response.Text);
    }

    /// <summary>Bytes as the client for Android sends them where it can't send bytes: in lines, each with its end.</summary>
    public static string AndroidBase64Of(byte[] bytes) => "b" + Convert.ToBase64String(bytes, Base64FormattingOptions.InsertLineBreaks).ReplaceLineEndings("\n") + "\n";

    /// <summary>Takes over the id that the first packet has, whatever is around it.</summary>
    public void TakeSid(string open) => Sid = SidPattern().Match(open).Groups[1].Value;

    public async Task<WireResponse> RequestAsync(string method, string query, string body = "", string headers = "")
        => await (await SendAsync(method, query, body, headers)).ReadResponseAsync(method == "HEAD");

    /// <summary>Asks for another path than that of Engine.IO.</summary>
    public async Task<WireResponse> GetAsync(string path, string headers = "")
    {
        var connection = server.Connect();
        _connections.Add(connection);
        await connection.SendAsync(Encoding.UTF8.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n"));
        return await connection.ReadResponseAsync();
    }

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

    /// <summary>Posts bytes.</summary>
    public async Task<WireResponse> PostAsync(byte[] body, string contentType)
    {
        var connection = server.Connect();
        _connections.Add(connection);
        var head = $"POST /socket.io/?{SessionQuery} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {contentType}\r\nContent-Length: {body.Length}\r\n\r\n";
        await connection.SendAsync([.. Encoding.UTF8.GetBytes(head), .. body]);
        return await connection.ReadResponseAsync();
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

    public async Task OpenWebSocketAsync(string? query = null, string headers = "")
    {
        _webSocket = server.Connect();
        _connections.Add(_webSocket);
        await _webSocket.OpenAsync(headers, "/socket.io/?" + (query ?? $"EIO={Protocol}&transport=websocket"));
    }

    /// <summary>A WebSocket that wants to take the session over.</summary>
    public Task OpenUpgradeAsync() => OpenWebSocketAsync($"EIO={Protocol}&transport=websocket&sid={Sid}");

    public Task SendAsync(string text) => WebSocket.SendAsync(WireFrame.MaskedText(text));

    public Task SendAsync(byte[] bytes) => WebSocket.SendAsync(WireFrame.Masked(0x82, bytes));

    /// <summary>The next message: text, or <c>#</c> and hex, or <c>close</c> and the code.</summary>
    public async Task<string> ReadAsync()
    {
        var frame = await WebSocket.ReadFrameAsync();
        return LastMessage = frame.Opcode switch
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

    [GeneratedRegex("""\"sid\\*\":\\*\"([^\"\\]+)""")]
    private static partial Regex SidPattern();
}
