using RawWs.Testing;

namespace RawWs.Tests.Connections;

public sealed class ReceivingTests
{
    // A cancelled read gives its bytes back to the transport, and the one after it must find its place among them again.
    [Theory]
    [InlineData("whole, in place")]
    [InlineData("fragmented")]
    public async Task A_read_that_is_cancelled_anywhere_in_a_message_is_resumed_by_the_next(string kind)
    {
        var wire = kind == "fragmented"
            ? (byte[])[.. WireFrame.MaskedText("frag", fin: false), .. WireFrame.Masked(0x89, 7), .. WireFrame.Masked(0x80, "mented"u8)]
            : WireFrame.MaskedText("whole, in place");

        for (var split = 0; split < wire.Length; split++)
        {
            var received = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            using var first = new CancellationTokenSource();
            await using var server = await TestServer.StartAsync(async (connection, _) =>
            {
                await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await connection.ReceiveAsync(first.Token));
                received.SetResult((await connection.ReceiveAsync(CancellationToken.None))!.Value.GetText());
            });
            await using var client = await server.OpenAsync();

            await client.SendAsync(wire[..split]);
            await client.WaitUntilServerWaitsAsync();
            await first.CancelAsync();
            await client.SendAsync(wire[split..]);

            Assert.Equal(kind, await OrSessionError(received.Task, server));
        }
    }

    [Fact]
    public async Task A_cancelled_read_loses_no_message_however_often_it_is_cancelled()
    {
        var received = new List<string>();
        using var gate = new SemaphoreSlim(0);
        CancellationTokenSource? current = null;
        await using var server = await TestServer.StartAsync(async (connection, _) =>
        {
            while (received.Count < 100)
            {
                using var cancellation = current = new CancellationTokenSource();
                gate.Release();
                try
                {
                    received.Add((await connection.ReceiveAsync(cancellation.Token))!.Value.GetText());
                }
                catch (OperationCanceledException)
                {
                    // As the test wants it.
                }
            }
        });
        await using var client = await server.OpenAsync();

        for (var number = 0; number < 100; number++)
        {
            await gate.WaitAsync();
            var cancel = current!.CancelAsync();
            await gate.WaitAsync();
            await cancel;
            await client.SendAsync(WireFrame.MaskedText($"{number}"));
        }

        Assert.Equal(1000, (await client.ReadFrameAsync()).CloseCode);
        Assert.Equal(Enumerable.Range(0, 100).Select(number => $"{number}"), received);
    }

    [Fact]
    public async Task A_read_whose_token_is_cancelled_already_takes_nothing()
    {
        await using var server = await TestServer.StartAsync(async (connection, _) =>
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await connection.ReceiveAsync(new CancellationToken(true)));
            await TestServer.EchoAsync(connection, CancellationToken.None);
        });
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.MaskedText("still there"));

        Assert.Equal("still there", (await client.ReadFrameAsync()).Text);
    }

    [Fact]
    public async Task A_second_reader_is_told_that_there_is_one_and_the_first_reads_on()
    {
        var refused = new TaskCompletionSource<Exception>();
        await using var server = await TestServer.StartAsync(async (connection, _) =>
        {
            var first = connection.ReceiveAsync().AsTask();
            refused.SetResult(await Assert.ThrowsAsync<InvalidOperationException>(async () => await connection.ReceiveAsync()));
            await connection.SendAsync((await first)!.Value);
        });
        await using var client = await server.OpenAsync();

        await refused.Task;
        await client.SendAsync(WireFrame.MaskedText("for the first"));

        Assert.Equal("for the first", (await client.ReadFrameAsync()).Text);
    }

    [Fact]
    public async Task The_sessions_own_token_ends_the_messages_and_does_not_throw()
    {
        var count = new TaskCompletionSource<int>();
        await using var server = await TestServer.StartAsync(async (connection, cancellationToken) =>
        {
            var messages = 0;
            await foreach (var _ in connection.ReadMessagesAsync(cancellationToken))
                messages++;

            Assert.True(cancellationToken.IsCancellationRequested);
            Assert.Null(await connection.ReceiveAsync(CancellationToken.None));
            count.SetResult(messages);
        });
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.MaskedText("one"), WireFrame.MaskedText("two"), WireFrame.MaskedClose(1000));

        Assert.Equal(2, await OrSessionError(count.Task, server));
    }

    [Fact]
    public async Task A_message_stays_as_it_is_while_control_frames_arrive_behind_it()
    {
        var isHeld = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        var text = new string('h', 3000);
        await using var server = await TestServer.StartAsync(async (connection, _) =>
        {
            var message = (await connection.ReceiveAsync())!.Value;
            var ping = connection.PingAsync();
            isHeld.SetResult();
            await release.Task;
            Assert.Equal(text, message.GetText());
            await connection.SendAsync(message);
            await Assert.ThrowsAsync<WebSocketClosedException>(() => ping);
        });
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.MaskedText(text));
        await isHeld.Task;
        Assert.Equal(0x9, (await client.ReadFrameAsync()).Opcode);

        // More than a segment of them, so that the chain grows behind what is held.
        for (var number = 0; number < 200; number++)
        {
            await client.SendAsync(WireFrame.Masked(0x89, new byte[100]));
            Assert.Equal(0xA, (await client.ReadFrameAsync()).Opcode);
        }

        release.SetResult();
        Assert.Equal(text, (await client.ReadFrameAsync()).Text);
        client.Abort();
        Assert.Empty(server.Log.AboveDebug);
    }

    private static async Task<T> OrSessionError<T>(Task<T> task, TestServer server)
    {
        await Eventually.HoldsAsync(() => task.IsCompleted || server.Log.AboveDebug.Any());
        Assert.Empty(server.Log.AboveDebug);
        return await task;
    }
}
