using RawWs.Testing;

namespace RawWs.Tests.Server;

public sealed class SubprotocolTests
{
    [Theory]
    [InlineData("", "a", null)]
    [InlineData("a", "", null)]
    [InlineData("a", "b", null)]
    [InlineData("a", "A", null)]
    [InlineData("a", "a", "a")]
    [InlineData("b,a", "a,b", "b")]
    [InlineData("c,a", "a,b", "a")]
    public async Task The_servers_preference_decides_among_what_the_client_offers(string spoken, string offered, string? agreed)
    {
        var connected = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await TestServer.StartAsync(
            (connection, _) =>
            {
                connected.SetResult(connection);
                return Task.CompletedTask;
            },
            options => Array.ForEach(spoken.Split(',', StringSplitOptions.RemoveEmptyEntries), options.Subprotocols.Add));
        await using var client = server.Connect();

        var head = await client.OpenAsync(offered.Length == 0 ? "" : $"Sec-WebSocket-Protocol: {offered}\r\n");

        Assert.Equal(agreed, (await connected.Task).Subprotocol);
        if (agreed is null)
            Assert.DoesNotContain("Sec-WebSocket-Protocol", head, StringComparison.OrdinalIgnoreCase);
        else
            Assert.Contains($"\r\nSec-WebSocket-Protocol: {agreed}\r\n", head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("a b")]
    [InlineData("a, b")]
    [InlineData("schön")]
    public void What_no_client_can_offer_is_refused_at_once(string? spoken)
    {
        var error = Assert.Throws<ArgumentException>("options", () => new WebSocketServer(new() { Subprotocols = ["c", spoken!] }));

        Assert.Contains($"'{spoken}' in Subprotocols is none.", error.Message, StringComparison.Ordinal);
    }
}
