using System.Buffers;
using System.Net.Sockets;
using RawWs.Transport;

namespace RawWs.Tests.Transport;

/// <summary>What every transport's writer keeps to, off the loop where there is one.</summary>
public abstract class TransportWriterTests
{
    /// <summary>Makes the server's end a connection of the transport.</summary>
    internal abstract TransportConnection Connect(SocketPair pair);

    [Fact]
    public async Task What_the_kernel_takes_at_once_is_flushed_at_once()
    {
        using var pair = await SocketPair.ConnectAsync();
        await using var connection = Connect(pair);
        var writer = connection.Output;

        for (byte number = 0; number < 100; number++)
        {
            writer.Write([number]);
            Assert.Equal(1, writer.UnflushedBytes);
            Assert.True(writer.FlushAsync().AsTask().IsCompletedSuccessfully);
            Assert.Equal(0, writer.UnflushedBytes);
        }

        var received = await ReceiveAsync(pair.Client, 100);
        Assert.Equal(Enumerable.Range(0, 100).Select(number => (byte)number), received);
    }

    [Fact]
    public async Task What_the_kernel_does_not_take_waits_and_arrives_in_order()
    {
        using var pair = await SocketPair.ConnectAsync(bufferSize: 16 * 1024);
        await using var connection = Connect(pair);
        var writer = connection.Output;
        var sent = new byte[8_000_000];
        new Random(1).NextBytes(sent);
        writer.Write(sent);

        var flush = writer.FlushAsync().AsTask();
        Assert.False(flush.IsCompleted);
        var received = await ReceiveAsync(pair.Client, sent.Length);
        await flush.WaitAsync(SocketPair.LongestWait);

        Assert.True(sent.AsSpan().SequenceEqual(received));
        writer.Write("again"u8);
        Assert.True(writer.FlushAsync().AsTask().IsCompletedSuccessfully);
        Assert.Equal("again"u8.ToArray(), await ReceiveAsync(pair.Client, 5));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(8_000_000)]
    public async Task Completing_sends_what_was_written_and_then_the_end(int length)
    {
        using var pair = await SocketPair.ConnectAsync(bufferSize: 16 * 1024);
        await using var connection = Connect(pair);
        var sent = new byte[length];
        new Random(1).NextBytes(sent);
        connection.Output.Write(sent);

        var completion = connection.Output.CompleteAsync().AsTask();
        var received = await ReceiveAsync(pair.Client, length);
        await completion.WaitAsync(SocketPair.LongestWait);

        Assert.True(sent.AsSpan().SequenceEqual(received));
        Assert.Equal(0, await pair.Client.ReceiveAsync(new byte[1]).WaitAsync(SocketPair.LongestWait));
    }

    [Fact]
    public async Task A_flush_that_was_cancelled_before_it_began_has_sent_nothing()
    {
        using var pair = await SocketPair.ConnectAsync();
        await using var connection = Connect(pair);
        var writer = connection.Output;
        writer.Write("kept"u8);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await writer.FlushAsync(new CancellationToken(true)));
        Assert.Equal(4, writer.UnflushedBytes);
        await writer.FlushAsync();

        Assert.Equal("kept"u8.ToArray(), await ReceiveAsync(pair.Client, 4));
        Assert.Throws<NotSupportedException>(writer.CancelPendingFlush);
    }

    [Fact]
    public async Task An_abort_returns_at_once_and_fails_the_flush_that_waits()
    {
        using var pair = await SocketPair.ConnectAsync(bufferSize: 16 * 1024);
        var connection = Connect(pair);
        connection.Output.Write(new byte[8_000_000]);
        var flush = connection.Output.FlushAsync().AsTask();
        Assert.False(flush.IsCompleted);

        connection.Abort();

        await Assert.ThrowsAsync<TransportClosedException>(() => flush.WaitAsync(SocketPair.LongestWait));
        connection.Output.Write("more"u8);
        await Assert.ThrowsAsync<TransportClosedException>(async () => await connection.Output.FlushAsync());
        await connection.DisposeAsync();
        var error = await Assert.ThrowsAsync<SocketException>(() => ReceiveAsync(pair.Client, 8_000_000));
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
    }

    [Fact]
    public async Task A_reset_by_the_peer_fails_the_flush_that_waits()
    {
        using var pair = await SocketPair.ConnectAsync(bufferSize: 16 * 1024);
        await using var connection = Connect(pair);
        var writer = connection.Output;
        writer.Write(new byte[8_000_000]);
        var flush = writer.FlushAsync().AsTask();

        pair.ResetClient();

        await Assert.ThrowsAsync<TransportClosedException>(() => flush.WaitAsync(SocketPair.LongestWait));
        await writer.CompleteAsync();
    }

    [Fact]
    public async Task Completing_ends_our_side_behind_what_was_written()
    {
        using var pair = await SocketPair.ConnectAsync(bufferSize: 16 * 1024);
        await using var connection = Connect(pair);
        var writer = connection.Output;
        writer.Write(new byte[2_000_000]);

        var completing = writer.CompleteAsync().AsTask();
        Assert.Equal(2_000_000, (await ReceiveAsync(pair.Client, 2_000_000)).Length);
        await completing.WaitAsync(SocketPair.LongestWait);
        await writer.CompleteAsync();

        Assert.Equal(0, await pair.Client.ReceiveAsync(new byte[1]));
        pair.Client.Send("the other side is open"u8);
    }

    private protected static async Task<byte[]> ReceiveAsync(Socket socket, int count)
    {
        using var timeout = new CancellationTokenSource(SocketPair.LongestWait);
        var (bytes, length) = (new byte[count], 0);
        while (length < count)
        {
            var received = await socket.ReceiveAsync(bytes.AsMemory(length), timeout.Token);
            Assert.NotEqual(0, received);
            length += received;
        }

        return bytes;
    }
}
