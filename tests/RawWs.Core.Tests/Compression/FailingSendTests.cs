using System.Buffers;
using RawWs.Testing;

namespace RawWs.Tests.Compression;

public class FailingSendTests
{
    // Memory that its owner has disposed of is the caller's mistake, and nobody else's: who sends next must not wait for ever.
    [Theory]
    [InlineData(CompressionMode.Shared)]
    [InlineData(CompressionMode.Dedicated)]
    public async Task Payload_that_can_not_be_read_fails_its_sender_and_nobody_else(CompressionMode mode)
    {
        var text = new string('a', 5000);
        await using var server = await TestServer.StartAsync(
            async (connection, _) =>
            {
                await connection.SendAsync(text);
                using var gone = new GoneMemory(5000);
                await Assert.ThrowsAsync<ObjectDisposedException>(() => connection.SendAsync(gone.Memory).AsTask());
                await connection.SendAsync(text).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
                await connection.SendAsync(text).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
            },
            options => options.Compression = mode);
        await using var client = await DeflateClient.OpenAsync(server.Connect());

        for (var round = 0; round < 3; round++)
        {
            var message = await client.ReadMessageAsync();
            Assert.Equal((5000, true), (message.Payload.Length, message.IsCompressed));
        }

        Assert.Equal(1000, (await client.Wire.ReadFrameAsync()).CloseCode);
    }

    private sealed class GoneMemory(int length) : MemoryManager<byte>
    {
        public override Memory<byte> Memory => CreateMemory(length);

        public override Span<byte> GetSpan() => throw new ObjectDisposedException(nameof(GoneMemory));

        public override MemoryHandle Pin(int elementIndex = 0) => throw new ObjectDisposedException(nameof(GoneMemory));

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
