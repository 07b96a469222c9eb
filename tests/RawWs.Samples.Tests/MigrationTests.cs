using System.Net.WebSockets;
using System.Text;

namespace RawWs.Samples.Tests;

/// <summary>What <c>docs/migration.md</c> shows in the place of other servers' code does what that did.</summary>
public sealed class MigrationTests
{
    [Fact]
    public async Task What_was_written_for_Fleck_greets_broadcasts_echoes_and_closes()
    {
        await using var sample = await SampleProcess.StartAsync("FromFleck");
        using var one = await ConnectAsync(sample, sample.Url, "chat");
        Assert.EndsWith(", speaking chat", await ReceiveAsync(one, sample), StringComparison.Ordinal);
        using var other = await ConnectAsync(sample, new UriBuilder(sample.Url) { Path = "/any/path" }.Uri);
        Assert.StartsWith("/any/path from 127.0.0.1:", await ReceiveAsync(other, sample), StringComparison.Ordinal);

        await SendAsync(one, "hello", sample);
        Assert.Equal("Echo: hello", await ReceiveAsync(one, sample));
        Assert.Equal("Echo: hello", await ReceiveAsync(other, sample));

        await SendAsync(one, "bye", sample);
        Assert.Equal("", await ReceiveAsync(one, sample));
        Assert.Equal((WebSocketCloseStatus.NormalClosure, "bye"), (one.CloseStatus, one.CloseStatusDescription));
    }

    [Fact]
    public async Task What_was_written_for_websocket_sharp_asks_for_a_password_and_has_a_chat_for_each_path()
    {
        await using var sample = await SampleProcess.StartAsync("FromWebSocketSharp");
        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(sample, sample.Url));
        await Assert.ThrowsAsync<WebSocketException>(() => ConnectAsync(sample, sample.Url, password: "wrong"));

        using var chatting = await ConnectAsync(sample, sample.Url, password: "password");
        using var sailing = await ConnectAsync(sample, new UriBuilder(sample.Url) { Path = "/ChatWithNiceBoat" }.Uri, password: "password");
        await SendAsync(sailing, "hello", sample);
        Assert.Equal("hello Nice boat.", await ReceiveAsync(sailing, sample));
        await SendAsync(chatting, "hi", sample);
        Assert.Equal("hi", await ReceiveAsync(chatting, sample));
    }

    [Fact]
    public async Task What_was_written_for_System_Net_WebSockets_echoes_broadcasts_and_takes_uploads()
    {
        await using var sample = await SampleProcess.StartAsync("FromWebSockets");
        using var echo = await ConnectAsync(sample, sample.Url);
        await SendAsync(echo, "hello", sample);
        Assert.Equal("hello", await ReceiveAsync(echo, sample));

        using var one = await ConnectAsync(sample, new UriBuilder(sample.Url) { Path = "/broadcast" }.Uri);
        await SendAsync(one, "hi", sample);
        Assert.Equal("hi", await ReceiveAsync(one, sample));

        using var upload = await ConnectAsync(sample, new UriBuilder(sample.Url) { Path = "/upload" }.Uri);
        await SendAsync(upload, new string('x', 100_000), sample);
        Assert.Equal("", await ReceiveAsync(upload, sample));
        Assert.Equal((WebSocketCloseStatus.NormalClosure, "thank you"), (upload.CloseStatus, upload.CloseStatusDescription));
    }

    private static async Task<ClientWebSocket> ConnectAsync(SampleProcess sample, Uri url, string? subprotocol = null, string? password = null)
    {
        var client = new ClientWebSocket();
        try
        {
            if (subprotocol is not null)
                client.Options.AddSubProtocol(subprotocol);
            if (password is not null)
                client.Options.SetRequestHeader("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"nobita:{password}")));

            await client.ConnectAsync(url, sample.Deadline);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    private static Task SendAsync(ClientWebSocket client, string text, SampleProcess sample)
        => client.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, sample.Deadline);

    /// <returns>The next message, or nothing if it is the close frame.</returns>
    private static async Task<string> ReceiveAsync(ClientWebSocket client, SampleProcess sample)
    {
        var buffer = new byte[1_000];
        var received = await client.ReceiveAsync(buffer, sample.Deadline);
        Assert.True(received.EndOfMessage);
        return Encoding.UTF8.GetString(buffer, 0, received.Count);
    }
}
