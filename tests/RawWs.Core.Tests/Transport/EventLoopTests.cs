using System.Buffers;
using System.Net.Sockets;
using RawWs.Testing;
using RawWs.Transport;

namespace RawWs.Tests.Transport;

/// <summary>What is particular to event loops: wake-ups, turns, and descriptors that are used again.</summary>
public sealed class EventLoopTests
{
    private static readonly EventLoopTransportOptions OneLoop = new() { LoopCount = 1 };

    [Fact]
    public async Task A_session_runs_on_its_loop_from_read_to_read()
    {
        using var pair = await SocketPair.ConnectAsync();
        await using var connection = EventLoops.Connect(pair);
        var loop = Assert.IsType<EventLoop>(connection.Scheduler);
        var places = new List<bool>();
        var ended = new TaskCompletionSource();

        loop.Schedule(_ => _ = ReadAsync(), null);
        for (byte number = 0; number < 3; number++)
        {
            pair.Client.Send([number]);
            await Eventually.HoldsAsync(() => Volatile.Read(ref places).Count > number);
        }

        pair.Client.Shutdown(SocketShutdown.Send);
        await ended.Task.WaitAsync(SocketPair.LongestWait);
        Assert.All(places, Assert.True);

        async Task ReadAsync()
        {
            for (var isCompleted = false; !isCompleted;)
            {
                var result = await connection.Input.ReadAsync();
                places.Add(loop.IsCurrent);
                connection.Input.AdvanceTo(result.Buffer.End);
                isCompleted = result.IsCompleted;
            }

            ended.SetResult();
        }
    }

    [Fact]
    public async Task What_is_written_during_a_turn_is_accepted_at_once_and_leaves_at_its_end()
    {
        using var pair = await SocketPair.ConnectAsync();
        await using var connection = EventLoops.Connect(pair);
        var seenDuringTurn = -1;

        await OnLoop(connection, () =>
        {
            for (byte number = 0; number < 100; number++)
            {
                connection.Output.Write([number]);
                Assert.True(connection.Output.FlushAsync().AsTask().IsCompletedSuccessfully);
            }

            seenDuringTurn = pair.Client.Available;
        });

        Assert.Equal(Enumerable.Range(0, 100).Select(number => (byte)number), await ReceiveAsync(pair.Client, 100));
        Assert.Equal(0, seenDuringTurn);
    }

    [Fact]
    public async Task A_write_from_elsewhere_takes_along_what_the_turn_has_written_before_it()
    {
        using var pair = await SocketPair.ConnectAsync();
        await using var connection = EventLoops.Connect(pair);
        using var elsewhereWritten = new ManualResetEventSlim();
        using var corked = new ManualResetEventSlim();

        var turn = OnLoop(connection, () =>
        {
            connection.Output.Write("first "u8);
            Assert.True(connection.Output.FlushAsync().AsTask().IsCompletedSuccessfully);
            corked.Set();
            Assert.True(elsewhereWritten.Wait(SocketPair.LongestWait));
        });
        Assert.True(corked.Wait(SocketPair.LongestWait));
        connection.Output.Write("second"u8);
        Assert.True(connection.Output.FlushAsync().AsTask().IsCompletedSuccessfully);

        // The loop is still kept.
        Assert.Equal("first second"u8.ToArray(), await ReceiveAsync(pair.Client, 12));
        elsewhereWritten.Set();
        await turn;
    }

    [Fact]
    public async Task What_a_turn_writes_beyond_the_bound_waits_for_the_peer_and_arrives_whole()
    {
        using var pair = await SocketPair.ConnectAsync(bufferSize: 16 * 1024);
        await using var connection = EventLoops.Connect(pair);
        var (sent, acceptedCount, flush) = (new byte[8_000_000], 0, Task.CompletedTask);
        new Random(1).NextBytes(sent);

        await OnLoop(connection, () =>
        {
            for (; acceptedCount < sent.Length && flush.IsCompletedSuccessfully; acceptedCount += 50_000)
            {
                connection.Output.Write(sent.AsSpan(acceptedCount, 50_000));
                flush = connection.Output.FlushAsync().AsTask();
            }
        });

        Assert.InRange(acceptedCount, 50_000, 6_000_000);
        Assert.False(flush.IsCompleted);
        var received = await ReceiveAsync(pair.Client, acceptedCount);
        await flush.WaitAsync(SocketPair.LongestWait);
        Assert.True(sent.AsSpan(0, acceptedCount).SequenceEqual(received));
    }

    [Fact]
    public async Task A_failure_to_send_what_was_accepted_shows_in_the_next_flush_and_read()
    {
        using var pair = await SocketPair.ConnectAsync();
        await using var connection = EventLoops.Connect(pair);
        pair.ResetClient();

        await Assert.ThrowsAsync<TransportClosedException>(async () =>
        {
            while (true)
            {
                var flush = Task.CompletedTask;
                await OnLoop(connection, () =>
                {
                    connection.Output.Write("lost"u8);
                    flush = connection.Output.FlushAsync().AsTask();
                });
                await flush;
            }
        });
        await Assert.ThrowsAsync<TransportClosedException>(() => connection.Input.ReadAsync().AsTask().WaitAsync(SocketPair.LongestWait));
    }

    [Fact]
    public async Task What_was_accepted_leaves_before_the_end_also_when_the_connection_ends_in_the_same_turn()
    {
        using var pair = await SocketPair.ConnectAsync();
        var connection = EventLoops.Connect(pair);

        await OnLoop(connection, () =>
        {
            connection.Output.Write("last words"u8);
            Assert.True(connection.Output.FlushAsync().AsTask().IsCompletedSuccessfully);
            Assert.True(connection.DisposeAsync().AsTask().IsCompletedSuccessfully);
        });

        Assert.Equal("last words"u8.ToArray(), await ReceiveAsync(pair.Client, 10));
        Assert.Equal(0, await pair.Client.ReceiveAsync(new byte[1]));
    }

    // A descriptor's number is given to the next connection at once; its news must not reach the last one's reader, nor the other way round.
    [Fact]
    public async Task News_of_connections_that_have_ended_reach_nobody()
    {
        var group = EventLoops.NewGroup(OneLoop);
        using var anchorPair = await SocketPair.ConnectAsync();
        await using var anchor = EventLoops.Connect(anchorPair, group);
        var tokens = new HashSet<ulong>();

        for (var round = 0; round < 300; round++)
        {
            using var old = await SocketPair.ConnectAsync();
            using var fresh = await SocketPair.ConnectAsync();
            var oldConnection = EventLoops.Connect(old, group);
            EventLoopConnection? freshConnection = null;

            // While the loop is kept, news of the old connection pile up; it ends, and the fresh one takes its place.
            await OnLoop(anchor, () =>
            {
                old.Client.Send("stale"u8);
                oldConnection.Abort();
                Assert.True(oldConnection.DisposeAsync().AsTask().IsCompletedSuccessfully);
                freshConnection = EventLoops.Connect(fresh, group);
            });

            Assert.True(tokens.Add(oldConnection.Token) && tokens.Add(freshConnection!.Token));
            var read = freshConnection.Input.ReadAsync().AsTask();
            fresh.Client.Send("fresh"u8);
            Assert.Equal("fresh"u8.ToArray(), (await read.WaitAsync(SocketPair.LongestWait)).Buffer.ToArray());
            await freshConnection.DisposeAsync();
        }
    }

    [Fact]
    public async Task Loops_run_while_they_have_users_and_begin_again()
    {
        var group = EventLoops.NewGroup();
        Assert.Equal(0, group.LoopCount);

        for (var round = 0; round < 3; round++)
        {
            using var pair = await SocketPair.ConnectAsync();
            var connection = EventLoops.Connect(pair, group);
            Assert.Equal(2, group.LoopCount);
            var loop = (EventLoop)connection.Scheduler;
            await connection.DisposeAsync();
            Assert.Equal(0, group.LoopCount);

            // What comes too late is done all the same.
            var done = new TaskCompletionSource();
            loop.Schedule(_ => done.SetResult(), null);
            await done.Task.WaitAsync(SocketPair.LongestWait);
        }
    }

    [Fact]
    public async Task Connections_are_spread_over_the_loops()
    {
        var group = EventLoops.NewGroup();
        var pairs = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => SocketPair.ConnectAsync()));
        var connections = pairs.Select(pair => EventLoops.Connect(pair, group)).ToList();

        Assert.All(connections.GroupBy(connection => connection.Scheduler), loop => Assert.Equal(5, loop.Count()));

        foreach (var (pair, connection) in pairs.Zip(connections))
        {
            await connection.DisposeAsync();
            pair.Dispose();
        }
    }

    /// <summary>Runs <paramref name="action"/> in one turn of the connection's loop.</summary>
    private static async Task OnLoop(EventLoopConnection connection, Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.Scheduler.Schedule(
            _ =>
            {
                try
                {
                    action();
                    done.SetResult();
                }
                catch (Exception error)
                {
                    done.SetException(error);
                }
            },
            null);
        await done.Task.WaitAsync(SocketPair.LongestWait);
    }

    private static async Task<byte[]> ReceiveAsync(Socket socket, int count)
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
