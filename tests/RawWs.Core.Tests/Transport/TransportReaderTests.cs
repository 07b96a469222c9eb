using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using RawWs.Transport;

namespace RawWs.Tests.Transport;

/// <summary>What every transport's reader keeps to.</summary>
public abstract class TransportReaderTests
{
    /// <summary>Makes the server's end a connection of the transport.</summary>
    internal abstract TransportConnection Connect(SocketPair pair);

    [Fact]
    public async Task What_the_peer_sends_is_read_in_order_however_it_is_consumed()
    {
        using var pair = await SocketPair.ConnectAsync();
        await using var connection = Connect(pair);
        var reader = connection.Input;
        var (sent, received, random) = (new byte[3_000_000], new List<byte>(), new Random(1));
        random.NextBytes(sent);
        var sending = Task.Run(() => Send(pair.Client, sent));

        while (received.Count < sent.Length)
        {
            var result = await reader.ReadAsync().AsTask().WaitAsync(SocketPair.LongestWait);
            var buffer = result.Buffer;
            var consumed = buffer.GetPosition(random.Next((int)buffer.Length + 1));
            received.AddRange(buffer.Slice(0, consumed).ToArray());
            reader.AdvanceTo(consumed, random.Next(2) == 0 || received.Count + buffer.Slice(consumed).Length == sent.Length ? consumed : buffer.End);
        }

        await sending;
        Assert.True(sent.AsSpan().SequenceEqual(received.ToArray()));
    }

    [Fact]
    public async Task What_has_been_examined_is_offered_again_only_with_more()
    {
        using var pair = await SocketPair.ConnectAsync();
        await using var connection = Connect(pair);
        var reader = connection.Input;
        pair.Client.Send("ab"u8);
        var result = await ReadAsync(reader);
        reader.AdvanceTo(result.Buffer.Start, result.Buffer.GetPosition(1));

        // The b has not been examined.
        Assert.True(reader.TryRead(out result));
        Assert.Equal("ab"u8.ToArray(), result.Buffer.ToArray());
        reader.AdvanceTo(result.Buffer.GetPosition(1), result.Buffer.End);

        Assert.False(reader.TryRead(out _));
        var next = reader.ReadAsync();
        Assert.False(next.IsCompleted);
        pair.Client.Send("c"u8);
        Assert.Equal("bc"u8.ToArray(), (await next.AsTask().WaitAsync(SocketPair.LongestWait)).Buffer.ToArray());
    }

    [Fact]
    public async Task The_peers_end_comes_after_its_bytes_and_stays()
    {
        using var pair = await SocketPair.ConnectAsync();
        await using var connection = Connect(pair);
        var reader = connection.Input;
        pair.Client.Send("last"u8);
        pair.Client.Shutdown(SocketShutdown.Send);

        var received = new List<byte>();
        ReadOnlySequence<byte> buffer;
        bool isCompleted;
        do
        {
            var result = await ReadAsync(reader);
            (buffer, isCompleted) = (result.Buffer, result.IsCompleted);
            received.AddRange(buffer.ToArray());
            reader.AdvanceTo(buffer.End);
        }
        while (!isCompleted);

        Assert.Equal("last"u8.ToArray(), received);
        Assert.True((await ReadAsync(reader)).IsCompleted);
        Assert.True((await ReadAsync(reader)).IsCompleted);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_reset_fails_the_read_that_waits_and_those_after_it(bool isWaiting)
    {
        using var pair = await SocketPair.ConnectAsync();
        await using var connection = Connect(pair);
        var reader = connection.Input;
        var read = isWaiting ? reader.ReadAsync().AsTask() : null;
        pair.ResetClient();

        await Assert.ThrowsAsync<TransportClosedException>(() => read ?? reader.ReadAsync().AsTask().WaitAsync(SocketPair.LongestWait));
        await Assert.ThrowsAsync<TransportClosedException>(async () => await reader.ReadAsync());
    }

    [Fact]
    public async Task An_abort_fails_the_read_that_waits_and_those_after_it()
    {
        using var pair = await SocketPair.ConnectAsync();
        var connection = Connect(pair);
        var read = connection.Input.ReadAsync().AsTask();

        connection.Abort();
        connection.Abort();

        await Assert.ThrowsAsync<TransportClosedException>(() => read.WaitAsync(SocketPair.LongestWait));
        await Assert.ThrowsAsync<TransportClosedException>(async () => await connection.Input.ReadAsync());
        Assert.NotNull(connection.RemoteEndPoint);
        Assert.Null(connection.LocalEndPoint);
        await connection.DisposeAsync();
    }

    [Fact]
    public async Task A_cancelled_read_is_over_at_once_and_the_next_one_gets_the_bytes()
    {
        using var pair = await SocketPair.ConnectAsync();
        await using var connection = Connect(pair);
        var reader = connection.Input;
        using var cancellation = new CancellationTokenSource();
        var read = reader.ReadAsync(cancellation.Token).AsTask();
        Assert.False(read.IsCompleted);

        await cancellation.CancelAsync();
        var error = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        Assert.Equal(cancellation.Token, error.CancellationToken);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await reader.ReadAsync(cancellation.Token));

        var next = reader.ReadAsync().AsTask();
        pair.Client.Send("x"u8);
        Assert.Equal("x"u8.ToArray(), (await next.WaitAsync(SocketPair.LongestWait)).Buffer.ToArray());
    }

    // Bytes, cancellation by token, and CancelPendingRead race for the same read.
    [Fact]
    public async Task Cancellations_that_race_with_bytes_lose_none_and_repeat_none()
    {
        const int Count = 20_000;
        using var pair = await SocketPair.ConnectAsync();
        await using var connection = Connect(pair);
        var reader = connection.Input;
        CancellationTokenSource? current = null;
        var (received, isDone) = (0, false);

        var sending = Task.Run(() =>
        {
            for (var number = 0; number < Count; number++)
            {
                pair.Client.Send([(byte)number]);
                if (number % 3 == 0)
                    Volatile.Read(ref current)?.Cancel();
            }
        });
        var cancelling = Task.Run(async () =>
        {
            while (!Volatile.Read(ref isDone))
            {
                reader.CancelPendingRead();
                await Task.Yield();
            }
        });

        while (received < Count)
        {
            current = new CancellationTokenSource();
            try
            {
                var result = await reader.ReadAsync(current.Token).AsTask().WaitAsync(SocketPair.LongestWait);
                foreach (var octet in result.Buffer.ToArray())
                    Assert.Equal((byte)received++, octet);

                reader.AdvanceTo(result.Buffer.End);
            }
            catch (OperationCanceledException)
            {
                // As the test wants it.
            }
        }

        Volatile.Write(ref isDone, true);
        await Task.WhenAll(sending, cancelling);
    }

    [Fact]
    public async Task CancelPendingRead_ends_one_read_the_pending_or_the_next()
    {
        using var pair = await SocketPair.ConnectAsync();
        await using var connection = Connect(pair);
        var reader = connection.Input;

        reader.CancelPendingRead();
        var result = await ReadAsync(reader);
        Assert.True(result.IsCanceled && result.Buffer.IsEmpty);
        reader.AdvanceTo(result.Buffer.Start);

        var read = reader.ReadAsync().AsTask();
        reader.CancelPendingRead();
        result = await read.WaitAsync(SocketPair.LongestWait);
        Assert.True(result.IsCanceled);
        reader.AdvanceTo(result.Buffer.Start);

        pair.Client.Send("x"u8);
        result = await ReadAsync(reader);
        Assert.Equal((false, 1), (result.IsCanceled, result.Buffer.Length));
    }

    [Fact]
    public async Task A_peer_that_never_stops_sending_does_not_keep_a_thread_to_itself()
    {
        using var pair = await SocketPair.ConnectAsync();
        await using var connection = Connect(pair);
        var reader = connection.Input;
        const int Total = 64 * 1024 * 1024;
        var sending = Task.Run(() => Send(pair.Client, new byte[Total]));

        // Where a session runs, and nowhere else: what is delivered by another thread may be there before anybody has looked.
        var reading = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.Scheduler.Schedule(_ => _ = ReadAllAsync(), null);
        await reading.Task.WaitAsync(SocketPair.LongestWait);
        await sending;

        async Task ReadAllAsync()
        {
            try
            {
                for (var (total, inARow) = (0L, 0L); total < Total;)
                {
                    // A read that had to wait, or for which others came first, is a task, even if it has ended by now; any other is its result.
                    var read = reader.ReadAsync().Preserve();
                    inARow = read.IsCompletedSuccessfully && read == new ValueTask<ReadResult>(read.Result) ? inARow : 0;
                    var buffer = (await read.ConfigureAwait(false)).Buffer;
                    total += buffer.Length;
                    inARow += buffer.Length;

                    // Half of it is a row; the read before, and the one that ends it, may bring a segment each.
                    Assert.InRange(inARow, 0, 1024 * 1024);
                    reader.AdvanceTo(buffer.End);
                }

                reading.SetResult();
            }
            catch (Exception error)
            {
                reading.SetException(error);
            }
        }
    }

    private static async Task<ReadResult> ReadAsync(PipeReader reader)
        => await reader.ReadAsync().AsTask().WaitAsync(SocketPair.LongestWait);

    private static void Send(Socket socket, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[socket.Send(bytes)..];
    }
}
