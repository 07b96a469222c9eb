using RawWs.Testing;

namespace RawWs.Tests.Connections;

[Collection(AloneCollection.Name)]
public sealed class StreamReceivingMemoryTests
{
    private const int PieceSize = 64 * 1024;
    private const int PieceCount = 1024;

    // 64 MiB through a connection whose whole messages may have 1,000 bytes; what it keeps of them is a few pieces in its transport.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_of_any_size_takes_constant_memory_whether_it_is_read_or_skipped(bool isRead)
    {
        await using var server = await TestServer.StartAsync(
            async (connection, _) =>
            {
                var stream = (await connection.ReceiveStreamAsync())!;
                Assert.True(!isRead || await CountAsync(stream) == (long)PieceCount * PieceSize);
                await connection.SendAsync((await connection.ReceiveAsync())!.Value);
            },
            options => options.MaxMessageSize = 1000);
        await using var client = await server.OpenAsync();
        var piece = new byte[PieceSize];
        var before = LiveMemory.Measure();

        await client.SendAsync(Convert.FromHexString("82FF000000000400000000000000"));
        for (var number = 0; number < PieceCount; number++)
            await client.SendAsync(piece);

        await client.WaitUntilServerWaitsAsync();
        Assert.InRange(LiveMemory.Measure() - before, long.MinValue, 16 * 1024 * 1024);
        await client.SendAsync(WireFrame.MaskedText("after it"));
        Assert.Equal("after it", (await client.ReadFrameAsync()).Text);
        Assert.Empty(server.Log.AboveDebug);
    }

    private static async Task<long> CountAsync(Stream stream)
    {
        var (buffer, total) = (new byte[10_000], 0L);
        for (int count; (count = await stream.ReadAsync(buffer)) > 0;)
            total += count;

        return total;
    }
}
