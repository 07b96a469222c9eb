using System.Buffers;
using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
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
                places.Add(loop.IsInTurn);
                connection.Input.AdvanceTo(result.Buffer.End);
                isCompleted = result.IsCompleted;
            }

            ended.SetResult();
        }
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

            Assert.True(tokens.Add(TokenOf(oldConnection)) && tokens.Add(TokenOf(freshConnection!)));
            var read = freshConnection!.Input.ReadAsync().AsTask();
            fresh.Client.Send("fresh"u8);
            Assert.Equal("fresh"u8.ToArray(), (await read.WaitAsync(SocketPair.LongestWait)).Buffer.ToArray());
            await freshConnection.DisposeAsync();
        }
    }

    // What was sent may take a while to be there, even here; but if all were done first, it would never come before the last.
    [Fact]
    public async Task Much_that_is_scheduled_at_once_does_not_keep_connections_waiting()
    {
        const int Count = 1_000;
        var doneBeforeRead = Count;
        for (var attempt = 0; attempt < 100 && doneBeforeRead == Count; attempt++)
            doneBeforeRead = await CountDoneBeforeReadAsync(Count);

        Assert.InRange(doneBeforeRead, 0, Count - 1);
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

    // A turn is told of 32 connections. One that has filled its room for 4 KiB, and then for 8 KiB, has room for 16 KiB: sessions take what has come into 256 KiB before more is received.
    [Theory]
    [InlineData(32, 100, 100)]
    [InlineData(16, 4096, 8192, 8192)]
    public async Task A_turn_receives_for_many_before_their_sessions_work(int inARow, params int[] lengths)
    {
        var group = EventLoops.NewGroup(OneLoop);
        var pairs = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => SocketPair.ConnectAsync()));
        var sockets = pairs.Select(pair => new Socket(new SafeSocketHandle(pair.Server.Handle, ownsHandle: false))).ToList();
        var connections = pairs.Select(pair => EventLoops.Connect(pair, group)).ToList();
        var unreceived = new ConcurrentQueue<int>();

        foreach (var length in lengths)
        {
            unreceived.Clear();
            await ReceiveForAllAsync(length);
        }

        Assert.Equal(Enumerable.Range(0, 40).Select(index => Math.Max(0, 40 - (((index / inARow) + 1) * inARow))), unreceived);

        foreach (var (pair, connection) in pairs.Zip(connections))
        {
            await connection.DisposeAsync();
            pair.Dispose();
        }

        async Task ReceiveForAllAsync(int count)
        {
            await OnLoop(connections[0], () =>
            {
                foreach (var connection in connections)
                    _ = ReadAsync(connection);

                foreach (var pair in pairs)
                    pair.Client.Send(new byte[count]);

                Assert.True(SpinWait.SpinUntil(() => sockets.TrueForAll(socket => socket.Available == count), SocketPair.LongestWait));
            });
            await Eventually.HoldsAsync(() => unreceived.Count == connections.Count);
        }

        async Task ReadAsync(EventLoopConnection connection)
        {
            connection.Input.AdvanceTo((await connection.Input.ReadAsync()).Buffer.End);
            unreceived.Enqueue(sockets.Count(socket => socket.Available > 0));
        }
    }

    // From one end to the other it needs no other thread.
    [Fact]
    public async Task A_connection_opens_and_closes_on_its_loop()
    {
        using var places = new PlaceRecorder();
        await using var server = await LoopbackServer.StartAsync(configure: options =>
        {
            options.Transport = LoopbackTests.NewEventLoop();
            options.LoggerFactory = places;
        });
        await using (var client = await server.OpenAsync())
        {
            await client.SendAsync(WireFrame.MaskedClose(1000));
            Assert.Equal(1000, (await client.ReadFrameAsync()).CloseCode);
            Assert.True(await client.IsAtEndAsync());
        }

        // On a busy machine the watchdog may have something to say, too, on a thread of its own.
        await Eventually.HoldsAsync(() => places.Entries.Count(IsOfConnection) >= 2);
        Assert.Collection(
            places.Entries.Where(IsOfConnection),
            opened => Assert.Matches("^RawWs loop .*: opened on ", opened),
            closed => Assert.Matches("^RawWs loop .*: closed, ", closed));

        static bool IsOfConnection(string entry) => entry.Contains("Connection 1:", StringComparison.Ordinal);
    }

    /// <summary>Schedules something so many times at once, and sends.</summary>
    /// <returns>How much was done when it was read.</returns>
    private static async Task<int> CountDoneBeforeReadAsync(int count)
    {
        using var pair = await SocketPair.ConnectAsync();
        await using var connection = EventLoops.Connect(pair);
        var doneCount = 0;
        var doneBeforeRead = Task.FromResult(0);

        await OnLoop(connection, () =>
        {
            doneBeforeRead = ReadAsync();
            for (var number = 0; number < count; number++)
                connection.Scheduler.Schedule(_ => doneCount++, null);

            pair.Client.Send("now"u8);
        });
        return await doneBeforeRead.WaitAsync(SocketPair.LongestWait);

        async Task<int> ReadAsync()
        {
            await connection.Input.ReadAsync();
            return doneCount;
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

    private static ulong TokenOf(EventLoopConnection connection) => ((IWatched)connection.Input).Token;

    /// <summary>Keeps what is logged, with the name of the thread.</summary>
    private sealed class PlaceRecorder : ILoggerFactory, ILogger
    {
        public ConcurrentQueue<string> Entries { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            => Entries.Enqueue($"{Thread.CurrentThread.Name} {formatter(state, exception)}");

        public void Dispose()
        {
        }
    }
}
