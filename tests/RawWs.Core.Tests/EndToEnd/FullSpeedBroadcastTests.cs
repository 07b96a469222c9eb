using System.Buffers.Binary;
using System.Collections.Concurrent;
using RawWs.Testing;
using RawWs.Tests.Diagnostics;
using RawWs.Tests.Transport;

namespace RawWs.Tests.EndToEnd;

/// <summary>A publisher as fast as it can, over real sockets, to members of whom some never read.</summary>
public class FullSpeedBroadcastTests : LoopbackTests
{
    private const int ReaderCount = 60, DeafCount = 2, MessageCount = 800, MessageSize = 16 * 1024;

    private static readonly TimeSpan PacingTimeout = TimeSpan.FromSeconds(1);

    [Fact]
    public async Task Those_who_read_lose_nothing_and_the_counters_add_up_exactly()
    {
        using var meter = new MeterRecorder();
        var (time, joined) = (new ManualTimeProvider(), new ConcurrentQueue<WebSocketConnection>());
        WebSocketServer? rooms = null;
        await using var server = await meter.StartAsync(() => StartServerAsync(
            async (connection, cancellationToken) =>
            {
                joined.Enqueue(connection);
                rooms!.Rooms["lobby"].Join(connection);
                await connection.ReceiveAsync(cancellationToken);
            },
            options =>
            {
                (options.MaxSendQueueSize, options.PacingTimeout, options.TimeProvider) = (256 * 1024, PacingTimeout, time);
                options.KeepAliveInterval = options.IdleTimeout = Timeout.InfiniteTimeSpan;
            }));
        rooms = server.Server;
        var lobby = rooms.Rooms["lobby"];
        var readers = await Task.WhenAll(Enumerable.Range(0, ReaderCount).Select(_ => server.OpenAsync()));
        await Eventually.HoldsAsync(() => lobby.Count == ReaderCount);
        var served = joined.ToArray();
        var deaf = await Task.WhenAll(Enumerable.Range(0, DeafCount).Select(_ => server.OpenAsync(receiveBufferSize: 4096)));
        await Eventually.HoldsAsync(() => lobby.Count == ReaderCount + DeafCount);

        var reading = readers.Select(reader => Task.Run(() => CountInOrderAsync(reader))).ToList();
        var (recipients, dropped, payload) = (0L, 0L, new byte[MessageSize]);
        for (var number = 0; number < MessageCount; number++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(payload, number);
            var publishing = lobby.BroadcastAsync(PreparedMessage.FromBytes(payload), cancellationToken: TestContext.Current.CancellationToken).AsTask();

            // Time passes only when nobody is waited for but those who never read: how fast the others are does not decide.
            await Task.WhenAny(publishing, Task.WhenAll(served.Select(static connection => connection.WaitForDrainAsync())));
            if (!publishing.IsCompleted)
                time.Advance(PacingTimeout);

            var result = await publishing;
            recipients += result.Recipients;
            dropped += result.Dropped;
        }

        Assert.All(await Task.WhenAll(reading), count => Assert.Equal(MessageCount, count));
        Assert.Equal(DeafCount, dropped);
        await Eventually.CompletesAsync(time, Eventually.HoldsAsync(() => lobby.Count == ReaderCount));

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
