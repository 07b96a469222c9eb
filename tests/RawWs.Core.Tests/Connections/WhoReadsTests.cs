using RawWs.Testing;

namespace RawWs.Tests.Connections;

/// <summary>Somebody is always reading, or the peer's close frame is not seen. The clock stands still: no deadline helps out.</summary>
public sealed class WhoReadsTests
{
    private const int Rounds = 300;

    // The longer a text is validated, the likelier the close comes in the middle of it.
    private static readonly byte[] LongText = WireFrame.MaskedText(new string('x', 500_000));

    [Fact]
    public async Task A_close_while_the_session_takes_its_last_message_is_answered_though_the_session_reads_no_more()
    {
        var connected = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await TestServer.StartAsync(async (connection, token) =>
        {
            connected.SetResult(connection);
            var message = await connection.ReceiveAsync();
            await connection.Closed;
            Assert.True(message is null || message.Value.Length == 500_000);
        });

        for (var round = 0; round < Rounds; round++)
        {
            connected = new TaskCompletionSource<WebSocketConnection>();
            await using var client = await server.OpenAsync();
            var connection = await connected.Task;

            var close = Task.Run(() =>
            {
                Thread.SpinWait(round * 20);
                return connection.CloseAsync();
            });
            await client.SendAsync(LongText);
            Assert.Equal(1000, (await client.ReadFrameAsync()).CloseCode);
            await client.SendAsync(WireFrame.MaskedClose(1000));

            Assert.True((await close.WaitAsync(TimeSpan.FromSeconds(30))).IsClean);
        }

        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task A_close_while_the_background_reader_leaves_a_message_to_the_session_is_answered()
    {
        var connected = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await TestServer.StartAsync(async (connection, token) =>
        {
            connected.SetResult(connection);
            await connection.Closed;
        });

        for (var round = 0; round < Rounds; round++)
        {
            connected = new TaskCompletionSource<WebSocketConnection>();
            await using var client = await server.OpenAsync();
            var connection = await connected.Task;
            var ping = connection.PingAsync();
            Assert.Equal(0x9, (await client.ReadFrameAsync()).Opcode);

            var close = Task.Run(() =>
            {
                Thread.SpinWait(round % 50);
                return connection.CloseAsync();
            });
            await client.SendAsync(WireFrame.MaskedText("for a session that does not read"));
            Assert.Equal(1000, (await client.ReadFrameAsync()).CloseCode);
            await client.SendAsync(WireFrame.MaskedClose(1000));

            Assert.True((await close.WaitAsync(TimeSpan.FromSeconds(30))).IsClean);
            await Assert.ThrowsAsync<WebSocketClosedException>(() => ping);
        }

        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task A_session_that_ends_while_a_message_arrives_for_it_is_finished()
    {
        var release = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(async (connection, token) =>
        {
            _ = connection.PingAsync().ContinueWith(task => task.Exception, TaskScheduler.Default);
            await release.Task;
        });

        for (var round = 0; round < Rounds; round++)
        {
            release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using var client = await server.OpenAsync();
            Assert.Equal(0x9, (await client.ReadFrameAsync()).Opcode);

            release.SetResult();
            await client.SendAsync(WireFrame.MaskedText("too late"), WireFrame.MaskedClose(1000));
            Assert.Equal(1000, (await client.ReadFrameAsync()).CloseCode);
            Assert.True(await client.IsAtEndAsync());
            client.EndSending();
            await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        }

        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task A_task_that_outlives_its_session_and_reads_holds_nothing_up()
    {
        Task? outliving = null;
        await using var server = await TestServer.StartAsync((connection, _) =>
        {
            outliving = TestServer.EchoAsync(connection, CancellationToken.None);
            return Task.CompletedTask;
        });
        await using var client = await server.OpenAsync();

        Assert.Equal(1000, (await client.ReadFrameAsync()).CloseCode);
        await client.SendAsync(WireFrame.MaskedText("in between"), WireFrame.MaskedClose(1000));
        Assert.True(await client.IsAtEndAsync());
        client.EndSending();

        await outliving!.WaitAsync(TimeSpan.FromSeconds(30));
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(1_000_000)]
    public async Task A_session_may_await_its_closing_while_it_holds_a_message(int length)
    {
        var closed = new TaskCompletionSource<CloseResult>();
        await using var server = await TestServer.StartAsync(async (connection, token) =>
        {
            var message = (await connection.ReceiveAsync())!.Value;
            closed.SetResult(await connection.CloseAsync());
            Assert.Equal(new string('x', length), message.GetText());
        });
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.MaskedText(new string('x', length)));
        Assert.Equal(1000, (await client.ReadFrameAsync()).CloseCode);
        await client.SendAsync(WireFrame.MaskedClose(1000));
        Assert.True(await client.IsAtEndAsync());

        Assert.True((await closed.Task.WaitAsync(TimeSpan.FromSeconds(30))).IsClean);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task Whoever_pings_while_the_session_takes_what_is_at_hand_hears_of_the_pong_though_the_session_reads_no_more()
    {
        Task<TimeSpan>? ping = null;
        await using var server = await TestServer.StartAsync(async (connection, token) =>
        {
            connection.PingReceived = (_, _) => Task.Factory.StartNew(() => ping = connection.PingAsync(), token, TaskCreationOptions.None, TaskScheduler.Default).Wait(token);
            Assert.Equal("one", (await connection.ReceiveAsync())!.Value.GetText());
            Assert.Equal("two", (await connection.ReceiveAsync())!.Value.GetText());
            await ping!;
        });
        await using var client = await server.OpenAsync();

        await client.SendAsync([.. WireFrame.MaskedText("one"), .. WireFrame.Masked(0x89), .. WireFrame.MaskedText("two")]);
        Assert.Equal(0xA, (await client.ReadFrameAsync()).Opcode);
        var asked = await client.ReadFrameAsync();
        Assert.Equal(0x9, asked.Opcode);
        await client.SendAsync(WireFrame.Masked(0x8A, asked.Payload));

        // The session ends when it has heard.
        Assert.Equal(1000, (await client.ReadFrameAsync()).CloseCode);
        Assert.Empty(server.Log.AboveDebug);
    }

    // Behind each message stands a ping, which somebody else may take out between the session's reading and its looking.
    [Fact]
    public async Task A_session_gets_each_message_whoever_reads_the_control_frames_behind_it()
    {
        const int Count = 3000;
        var received = new List<string>();
        var isDone = false;
        await using var server = await TestServer.StartAsync(async (connection, token) =>
        {
            var pinging = Task.Run(async () =>
            {
                while (!Volatile.Read(ref isDone))
                    await connection.PingAsync();
            }, CancellationToken.None);

            while (received.Count < Count)
                received.Add((await connection.ReceiveAsync())!.Value.GetText());

            Volatile.Write(ref isDone, true);
            await pinging;
        });
        await using var client = await server.OpenAsync();
        using var sending = new SemaphoreSlim(1);

        var answering = Task.Run(async () =>
        {
            for (var frame = await client.ReadFrameAsync(); frame.Opcode != 0x8; frame = await client.ReadFrameAsync())
            {
                if (frame.Opcode == 0x9)
                    await SendAsync(WireFrame.Masked(0x8A, frame.Payload));
            }
        });
        for (var number = 0; number < Count; number += 10)
            await SendAsync([.. Enumerable.Range(number, 10).SelectMany(each => (byte[])[.. WireFrame.MaskedText($"{each}"), .. WireFrame.Masked(0x89, 1, 2)])]);

        await answering;
        Assert.Equal(Enumerable.Range(0, Count).Select(number => $"{number}"), received);
        Assert.Empty(server.Log.AboveDebug);

        async Task SendAsync(byte[] bytes)
        {
            await sending.WaitAsync();
            await client.SendAsync(bytes);
            sending.Release();
        }
    }
}
