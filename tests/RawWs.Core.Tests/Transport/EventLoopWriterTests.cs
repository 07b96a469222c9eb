using System.Buffers;
using RawWs.Transport;

namespace RawWs.Tests.Transport;

public sealed class EventLoopWriterTests : TransportWriterTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(60)]
    public async Task Borrowed_bytes_follow_what_was_written_whole_whatever_the_kernel_takes_at_a_time(int pieceCount)
    {
        using var pair = await SocketPair.ConnectAsync(bufferSize: 16 * 1024);
        await using var connection = Connect(pair);
        var writer = Assert.IsType<EventLoopWriter>(connection.Output);
        var random = new Random(pieceCount);
        var chain = new SegmentChain();
        for (var number = 0; number < pieceCount; number++)
        {
            var memory = chain.GetMemory(8_000_000 / pieceCount)[..(8_000_000 / pieceCount)];
            random.NextBytes(memory.Span);
            chain.Fill(memory.Length);
        }

        var borrowed = chain.Bytes;
        writer.Write("written "u8);
        var flush = writer.FlushWithAsync(borrowed).AsTask();
        Assert.False(flush.IsCompleted);
        var received = await ReceiveAsync(pair.Client, 8 + (int)borrowed.Length);
        await flush.WaitAsync(SocketPair.LongestWait);

        Assert.Equal("written "u8.ToArray(), received[..8]);
        Assert.True(borrowed.ToArray().AsSpan().SequenceEqual(received.AsSpan(8)));
        Assert.Equal(received.Length, writer.SentLength);
        writer.Write("again"u8);
        Assert.True(writer.FlushAsync().AsTask().IsCompletedSuccessfully);
        Assert.Equal("again"u8.ToArray(), await ReceiveAsync(pair.Client, 5));
        chain.Return();
    }

    internal override TransportConnection Connect(SocketPair pair) => EventLoops.Connect(pair);
}
