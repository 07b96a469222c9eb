using RawWs.Testing;

namespace RawWs.Tests.Server;

public sealed class HandshakeDeadlineRaceTests
{
    private const int Races = 1000;

    [Fact]
    public async Task A_handshake_that_ends_at_its_deadline_opens_a_connection_or_none_but_no_half()
    {
        await using var server = await TestServer.StartAsync();
        for (var race = 0; race < Races; race++)
            await RaceAsync(server, head: race % 40 * 25);

        Assert.Empty(server.Log.AboveDebug);
    }

    private static async Task RaceAsync(TestServer server, int head)
    {
        // The network takes no more than this of the response: the handshake is at its end when the client reads on.
        await using var client = server.Connect(capacity: 64);
        await client.SendAsync(WireClient.Handshake + "\r\n");
        server.Time.Advance(TimeSpan.FromSeconds(10));

        var clock = Task.Run(() =>
        {
            Thread.SpinWait(head);
            server.Time.Advance(TimeSpan.FromSeconds(0.3));
        });
        var isOpen = await TryReadAsync(client);
        await clock;

        if (!isOpen)
            return;

        // What was opened stays open: the deadline of its handshake is no more.
        await client.WaitUntilServerWaitsAsync();
        server.Time.Advance(TimeSpan.FromSeconds(6));
        await client.SendAsync(WireFrame.MaskedText("open"));
        Assert.Equal("open", (await client.ReadFrameAsync()).Text);
    }

    private static async Task<bool> TryReadAsync(WireClient client)
    {
        try
        {
            return (await client.ReadHeadAsync()).StartsWith("HTTP/1.1 101 ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
