using System.Buffers.Binary;
using RawWs.Testing;
using RawWs.Tests.Diagnostics;
using RawWs.Tests.Transport;

namespace RawWs.Tests.EndToEnd;

/// <summary>A publisher as fast as it can, over real sockets, to members of whom some never read.</summary>
public class FullSpeedBroadcastTests : LoopbackTests
{
    private const int ReaderCount = 60, DeafCount = 2, MessageCount = 800, MessageSize = 16 * 1024;

    [Fact]
    public async Task Those_who_read_lose_nothing_and_the_counters_add_up_exactly()
    {
        using var meter = new MeterRecorder();
        WebSocketServer? rooms = null;
        await using var server = await meter.StartAsync(() => StartServerAsync(
            async (connection, cancellationToken) =>
            {
                rooms!.Rooms["lobby"].Join(connection);
                await connection.ReceiveAsync(cancellationToken);
            },
            options => options.MaxSendQueueSize = 256 * 1024));
        rooms = server.Server;
        var readers = await Task.WhenAll(Enumerable.Range(0, ReaderCount).Select(_ => server.OpenAsync()));
        var deaf = await Task.WhenAll(Enumerable.Range(0, DeafCount).Select(_ => server.OpenAsync(receiveBufferSize: 4096)));
        var lobby = rooms.Rooms["lobby"];
        await Eventually.HoldsAsync(() => lobby.Count == ReaderCount + DeafCount);

        var reading = readers.Select(reader => Task.Run(() => CountInOrderAsync(reader))).ToList();
        var (recipients, dropped, payload) = (0L, 0L, new byte[MessageSize]);
        for (var number = 0; number < MessageCount; number++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(payload, number);
            var result = await lobby.BroadcastAsync(PreparedMessage.FromBytes(payload), cancellationToken: TestContext.Current.CancellationToken);
            recipients += result.Recipients;
            dropped += result.Dropped;
        }

        Assert.All(await Task.WhenAll(reading), count => Assert.Equal(MessageCount, count));
        Assert.Equal(DeafCount, dropped);
        await Eventually.HoldsAsync(() => lobby.Count == ReaderCount);

        foreach (var client in (WireClient[])[.. readers, .. deaf])
            client.Abort();

        await Eventually.HoldsAsync(() => rooms.ConnectionCount == 0);
        Assert.Equal(recipients, meter.Sum("rawws.messages.published"));
        Assert.Equal(recipients, meter.Sum("rawws.messages", ("network.io.direction", "transmit")) + meter.Sum("rawws.messages.dropped"));
        Assert.Equal(DeafCount, meter.Sum("rawws.refusals", ("rawws.reason", "slow_reader")));
    }

    private static async Task<int> CountInOrderAsync(WireClient reader)
    {
        for (var number = 0; number < MessageCount; number++)
        {
            var frame = await reader.ReadFrameAsync();
            if (frame.Payload.Length != MessageSize || BinaryPrimitives.ReadInt32LittleEndian(frame.Payload) != number)
                return number;
        }

        return MessageCount;
    }
}
