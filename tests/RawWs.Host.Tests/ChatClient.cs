using System.Net.WebSockets;
using System.Text.Json.Nodes;
using RawWs.Testing;

namespace RawWs.Host.Tests;

/// <summary>A client of the chat that can say anything, and reads events one by one.</summary>
internal sealed class ChatClient : IDisposable
{
    private readonly CancellationToken _deadline;

    private ChatClient(CancellationToken deadline) => _deadline = deadline;

    public ClientWebSocket Socket { get; } = new();

    /// <summary>Connects without joining.</summary>
    public static async Task<ChatClient> ConnectAsync(RawwsProcess rawws, string room)
    {
        var client = new ChatClient(rawws.Deadline);
        client.Socket.Options.AddSubProtocol("rawws.chat.v1");
        client.Socket.Options.RemoteCertificateValidationCallback = TlsClient.TrustAnybody;
        await client.Socket.ConnectAsync(new UriBuilder(rawws.Url) { Path = "/rooms/" + room }.Uri, rawws.Deadline);
        Assert.Equal("rawws.chat.v1", client.Socket.SubProtocol);
        return client;
    }

    /// <summary>Connects and joins a room that nothing has been said in yet.</summary>
    /// <returns>The client and what it is called.</returns>
    public static async Task<(ChatClient Client, long Member)> JoinAsync(RawwsProcess rawws, string room, string name)
    {
        var client = await ConnectAsync(rawws, room);
        await client.SendAsync(new JsonObject { ["type"] = "join", ["name"] = name });
        return (client, (long)(await client.ReceiveAsync("welcome"))["member"]!);
    }

    public Task SendAsync(JsonObject sent) => Socket.SendAsync(sent.ToJsonString(), _deadline);

    public Task SayAsync(string id, string text) => SendAsync(new JsonObject { ["type"] = "message", ["id"] = id, ["text"] = text });

    /// <summary>Receives the next event, which has this type.</summary>
    public async Task<JsonObject> ReceiveAsync(string type)
    {
        var received = await ReceiveAsync();
        Assert.True((string?)received["type"] == type, received.ToJsonString());
        return received;
    }

    /// <summary>Receives the next event that is not about who joins and leaves; it has this type.</summary>
    public async Task<JsonObject> ReceiveTalkAsync(string type)
    {
        while (true)
        {
            var received = await ReceiveAsync();
            if ((string?)received["type"] is "joined" or "left")
                continue;

            Assert.True((string?)received["type"] == type, received.ToJsonString());
            return received;
        }
    }

    /// <summary>Receives the next event, of whatever type.</summary>
    public async Task<JsonObject> ReceiveAsync()
    {
        var (kind, payload) = await Socket.ReceiveMessageAsync(_deadline);
        Assert.Equal(WebSocketMessageType.Text, kind);
        return JsonNode.Parse(payload)!.AsObject();
    }

    /// <summary>What is sent is answered with an error of this code; the connection goes on.</summary>
    public async Task AssertRefusedAsync(string sent, string code)
    {
        await Socket.SendAsync(sent, _deadline);
        Assert.Equal(code, (string?)(await ReceiveAsync("error"))["code"]);
    }

    public void Dispose() => Socket.Dispose();
}
