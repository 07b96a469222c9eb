using System.Net.WebSockets;
using System.Text.RegularExpressions;

namespace RawWs.Samples.Tests;

public sealed partial class InsideKestrelTests
{
    [Fact]
    public async Task What_comes_over_http_is_broadcast_to_connections_that_kestrel_accepted()
    {
        await using var kestrel = await SampleProcess.StartAsync("InsideKestrel");
        using var client = await kestrel.ConnectAsync();
        await kestrel.SendTextAsync(client, "Hello");
        Assert.Equal("Hello", await kestrel.ReadTextAsync(client));

        using var http = new HttpClient { BaseAddress = new Uri(HttpPattern().Match(kestrel.FirstLine).Value) };
        using var response = await http.PostAsync("/announcements", new StringContent("tea is ready"), kestrel.Deadline);

        Assert.Equal(System.Net.HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal("tea is ready", await kestrel.ReadTextAsync(client));
    }

    [Fact]
    public async Task A_message_larger_than_kestrels_buffers_is_echoed_and_the_close_is_clean()
    {
        await using var kestrel = await SampleProcess.StartAsync("InsideKestrel");
        using var client = await kestrel.ConnectAsync();
        var sent = new byte[1_000_000];
        sent.AsSpan().Fill((byte)'x');

        // Both at once: what is echoed has to be read for the echo to go on.
        var sending = client.SendAsync(sent, WebSocketMessageType.Binary, endOfMessage: true, kestrel.Deadline);
        var received = new byte[sent.Length];
        for (var count = 0; count < received.Length;)
            count += (await client.ReceiveAsync(received.AsMemory(count), kestrel.Deadline)).Count;
        await sending;
        Assert.Equal(sent, received);

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, kestrel.Deadline);
        Assert.Equal((WebSocketState.Closed, WebSocketCloseStatus.NormalClosure), (client.State, client.CloseStatus));
    }

    [Fact]
    public async Task Who_drops_the_connection_costs_nobody_else_anything()
    {
        await using var kestrel = await SampleProcess.StartAsync("InsideKestrel");
        using var other = await kestrel.ConnectAsync();
        using var dropping = await kestrel.ConnectAsync();
        dropping.Abort();

        await kestrel.SendTextAsync(other, "Hello");
        Assert.Equal("Hello", await kestrel.ReadTextAsync(other));
    }

    [Fact]
    public async Task A_host_that_is_asked_to_stop_closes_the_connections_before_kestrel_drops_them()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows can't send this signal to one process.");
        await using var kestrel = await SampleProcess.StartAsync("InsideKestrel");
        using var client = await kestrel.ConnectAsync();
        await kestrel.SendTextAsync(client, "Hello");
        Assert.Equal("Hello", await kestrel.ReadTextAsync(client));

        await kestrel.TerminateAsync();

        var received = await client.ReceiveAsync(new byte[128], kestrel.Deadline);
        Assert.Equal((WebSocketMessageType.Close, WebSocketCloseStatus.EndpointUnavailable), (received.MessageType, received.CloseStatus));
        await client.CloseOutputAsync(WebSocketCloseStatus.EndpointUnavailable, null, kestrel.Deadline);
        var (exitCode, output) = await kestrel.WaitForExitAsync();
        Assert.Equal(0, exitCode);
        Assert.DoesNotContain("fail:", output, StringComparison.Ordinal);
    }

    [GeneratedRegex(@"http://\S+")]
    private static partial Regex HttpPattern();
}
