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

    [Theory]
    [InlineData(1_000, true)]
    [InlineData(1_000, false)]
    [InlineData(8_000_000, true)]
    [InlineData(8_000_000, false)]
    public async Task What_is_sent_in_a_row_arrives_whole_whatever_the_kernel_takes_at_first(int length, bool isBorrowed)
    {
        using var pair = await SocketPair.ConnectAsync(bufferSize: 16 * 1024);
        await using var connection = EventLoops.Connect(pair);
        var writer = Assert.IsType<EventLoopWriter>(connection.Output);
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);

        var row = await SendInARowAsync(connection, () =>
        {
            if (isBorrowed)
                return new ReadOnlySequence<byte>(bytes);

            bytes.CopyTo(writer.GetSpan(length)); // In one piece.
            writer.Advance(length);
            return default;
        });
        Assert.Equal(length < 10_000, row.Flush.IsCompleted);
        var received = await ReceiveAsync(pair.Client, length);
        await row.Flush.WaitAsync(SocketPair.LongestWait);

        Assert.True(bytes.AsSpan().SequenceEqual(received));
        Assert.Equal((length, 0), (writer.SentLength, writer.UnflushedBytes));
    }

    [Fact]
    public async Task What_is_not_in_one_piece_is_not_sent_in_a_row()
    {
        using var pair = await SocketPair.ConnectAsync();
        await using var connection = EventLoops.Connect(pair);
        var writer = Assert.IsType<EventLoopWriter>(connection.Output);

        Assert.False(writer.TryFlushInARow(default, new Row(connection, () => default)));
        writer.Write("written"u8);
        Assert.False(writer.TryFlushInARow(new ReadOnlySequence<byte>("borrowed"u8.ToArray()), new Row(connection, () => default)));
    }

    // Somebody else may be about to receive on it, or another thread abort it, which leaves the closing to the loop: then it is not closed yet, and will be at any time.
    [Theory]
    [InlineData(false, false, true)]
    [InlineData(false, true, true)]
    [InlineData(true, false, true)]
    [InlineData(true, true, true)]
    [InlineData(false, false, false)]
    [InlineData(true, false, false)]
    public async Task Nothing_is_sent_for_a_connection_that_is_aborted_while_its_row_is_prepared(bool isBorrowed, bool isHeld, bool isInTurn)
    {
        using var pair = await SocketPair.ConnectAsync();
        await using var connection = EventLoops.Connect(pair);
        var writer = Assert.IsType<EventLoopWriter>(connection.Output);
        var socket = writer.Socket;
        if (isHeld)
            socket.DangerousAddRef(ref isHeld);

        var row = await SendInARowAsync(
            connection,
            () =>
            {
                if (!isBorrowed)
                    writer.Write("x"u8);

                return isBorrowed ? new ReadOnlySequence<byte>("x"u8.ToArray()) : default;
            },
            isInTurn ? connection.Abort : () => Assert.True(Task.Run(connection.Abort).Wait(SocketPair.LongestWait)));

        await Assert.ThrowsAsync<TransportClosedException>(() => row.Flush.WaitAsync(SocketPair.LongestWait));
        Assert.Equal(0, writer.SentLength);
        if (isHeld)
            socket.DangerousRelease();

        var error = Assert.Throws<System.Net.Sockets.SocketException>(() => pair.Client.Receive(new byte[1]));
        Assert.Equal(System.Net.Sockets.SocketError.ConnectionReset, error.SocketErrorCode);
    }

    private static async Task<Row> SendInARowAsync(EventLoopConnection connection, Func<ReadOnlySequence<byte>> write, Action? behind = null)
    {
        var row = new Row(connection, write, behind);
        connection.Scheduler.Schedule(static row => ((Row)row!).Begin(), row);
        await row.Told.WaitAsync(SocketPair.LongestWait);
        return row;
    }

    /// <summary>Sends at the end of a turn, and keeps what it is told.</summary>
    private sealed class Row(EventLoopConnection connection, Func<ReadOnlySequence<byte>> write, Action? behind = null) : TurnScheduler.ITurnEnd, ITurnWriter.IFlusher
    {
        private readonly TaskCompletionSource _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Told => _told.Task;

        public Task Flush { get; private set; } = Task.CompletedTask;

        public void Begin() => ((EventLoop)connection.Scheduler).AtEndOfTurn(this);

        public void OnTurnEnd()
        {
            if (!((EventLoopWriter)connection.Output).TryFlushInARow(write(), this))
                _told.SetException(new InvalidOperationException("It does not leave in a row."));

            behind?.Invoke();
        }

        public void OnFlushed() => _told.SetResult();

        public void OnFlushed(ValueTask<System.IO.Pipelines.FlushResult> flush)
        {
            Flush = flush.AsTask();
            _told.SetResult();
        }
    }

    internal override TransportConnection Connect(SocketPair pair) => EventLoops.Connect(pair);
}
