using RawWs.Testing;

namespace RawWs.SocketIO.Tests.Engine;

/// <summary>What waits for a poll, and what becomes of a client whose queue is full.</summary>
public sealed class PollingQueueTests
{
    [Fact]
    public async Task An_application_may_send_several_payloads_at_connection()
    {
        const int Count = 4, Length = 1_000_000;
        await using var server = await SocketIOTestServer.StartAsync(io => io.OnConnection(async socket =>
        {
            for (var count = 0; count < Count; count++)
                await socket.EmitAsync("news", new string('x', Length));
        }));
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");
        await Eventually.HoldsAsync(() => server.IO.Sockets.Count == 1 || server.IO.ConnectionCount == 0);

        var packets = new List<string>();
        while (packets.Count <= Count)
            packets.AddRange((await client.PollAsync()).Split('\u001e'));

        Assert.StartsWith("40{", packets[0], StringComparison.Ordinal);
        Assert.All(packets.Skip(1), packet => Assert.Equal(Length + "42[\"news\",\"\"]".Length, packet.Length));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_packet_is_taken_whatever_its_size_while_the_queue_is_not_full(int smallCount)
    {
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.MaxQueueSize = 100);
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");
        await client.PollAsync();
        for (var count = 0; count < smallCount; count++)
            await server.IO.EmitAsync("small");

        await server.IO.EmitAsync("large", new string('x', 1_000));

        Assert.Equal(1, server.IO.ConnectionCount);
        Assert.EndsWith($"42[\"large\",\"{new string('x', 1_000)}\"]", await client.PollAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1_000, 1)]
    [InlineData(86, 1)]
    [InlineData(36, 2)]
    [InlineData(35, 3)]
    public async Task A_client_whose_queue_is_full_and_that_is_sent_more_is_disconnected(int length, int takenCount)
    {
        // With its event a packet of so many characters has 13 bytes more, and one between it and the next.
        await using var server = await SocketIOTestServer.StartAsync(configure: options => options.MaxQueueSize = 100);
        await using var client = await server.OpenPollingAsync();
        await client.PostAsync("40");
        await client.PollAsync();

        for (var count = 0; count < takenCount; count++)
            await server.IO.EmitAsync("news", new string('x', length));

        Assert.Equal(1, server.IO.ConnectionCount);
        await server.IO.EmitAsync("news", "");
        Assert.Equal(0, server.IO.ConnectionCount);
        Assert.Equal(400, (await client.RequestAsync("GET", client.SessionQuery)).Status);
    }
}
