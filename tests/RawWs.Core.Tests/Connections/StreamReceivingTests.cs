using RawWs.Testing;

namespace RawWs.Tests.Connections;

public sealed class StreamReceivingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    [InlineData(126)]
    [InlineData(65_536)]
    public async Task A_message_is_read_as_a_stream(int length)
    {
        var payload = new byte[length];
        new Random(length).NextBytes(payload);
        await using var server = await TestServer.StartAsync(async (connection, _) =>
        {
            while (await connection.ReceiveStreamAsync() is { } stream)
                await connection.SendAsync(await ReadAllAsync(stream), stream.Type);
        });
        await using var client = await server.OpenAsync(capacity: 128 * 1024);

        await client.SendAsync(WireFrame.Masked(0x82, payload));
        Assert.Equal(payload, (await client.ReadFrameAsync()).Payload);

        // The same in fragments, with a ping between them and empty ones at both ends.
        await client.SendAsync(
            WireFrame.Masked(0x02), WireFrame.Masked(0x00, payload.AsSpan(0, length / 2)), WireFrame.Masked(0x89, 1),
            WireFrame.Masked(0x00, payload.AsSpan(length / 2)), WireFrame.Masked(0x80));
        Assert.Equal(0xA, (await client.ReadFrameAsync()).Opcode);
        Assert.Equal(payload, (await client.ReadFrameAsync()).Payload);
    }

    [Fact]
    public async Task A_text_is_validated_as_it_comes()
    {
        var read = new List<byte>();
        await using var server = await TestServer.StartAsync(async (connection, _) =>
        {
            var stream = (await connection.ReceiveStreamAsync())!;
            Assert.Equal(MessageType.Text, stream.Type);
            var buffer = new byte[100];
            for (int count; (count = await stream.ReadAsync(buffer)) > 0;)
                read.AddRange(buffer.AsSpan(0, count));
        });
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.MaskedText("good", fin: false));
        await client.WaitUntilServerWaitsAsync();
        await client.SendAsync(WireFrame.Masked(0x80, 0xFF));

        Assert.Equal(1007, (await client.ReadFrameAsync()).CloseCode);
        Assert.Equal("good"u8.ToArray(), read);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_not_read_of_a_message_is_skipped(bool isFragmented)
    {
        await using var server = await TestServer.StartAsync(async (connection, _) =>
        {
            var stream = (await connection.ReceiveStreamAsync())!;
            Assert.Equal(3, await stream.ReadAsync(new byte[3]));
            await connection.SendAsync((await connection.ReceiveAsync())!.Value);
        });
        await using var client = await server.OpenAsync();
        var next = WireFrame.MaskedText("the next");

        if (isFragmented)
            await client.SendAsync([.. WireFrame.MaskedText("the", fin: false), .. WireFrame.Masked(0x00, " first"u8), .. WireFrame.Masked(0x80), .. next]);
        else
            await client.SendAsync([.. WireFrame.MaskedText("the first"), .. next]);

        Assert.Equal("the next", (await client.ReadFrameAsync()).Text);
    }

    // "Hello" of RFC 7692 §7.2.3.1, whose bytes come one by one: some of its text is there before the rest of it.
    [Fact]
    public async Task What_is_not_read_of_a_compressed_message_is_skipped_too()
    {
        await using var server = await TestServer.StartAsync(
            async (connection, _) =>
            {
                var stream = (await connection.ReceiveStreamAsync())!;
                Assert.Equal(1, await stream.ReadAsync(new byte[1]));
                await connection.SendAsync((await connection.ReceiveAsync())!.Value, new SendOptions { Uncompressed = true });
            },
            options => options.Compression = CompressionMode.Shared);
        await using var client = server.Connect();
        await client.OpenAsync("Sec-WebSocket-Extensions: permessage-deflate\r\n");

        foreach (var octet in WireFrame.Masked(0xC1, 0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00))
        {
            await client.SendAsync([octet]);
            await client.WaitUntilServerWaitsAsync();
        }

        await client.SendAsync(WireFrame.MaskedText("the next"));
        Assert.Equal("the next", (await client.ReadFrameAsync()).Text);
    }

    // The skipping is cancelled half-way, and goes on where it was.
    [Fact]
    public async Task Skipping_survives_a_cancelled_read()
    {
        using var cancellation = new CancellationTokenSource();
        await using var server = await TestServer.StartAsync(async (connection, _) =>
        {
            Assert.NotNull(await connection.ReceiveStreamAsync());
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await connection.ReceiveAsync(cancellation.Token));
            await connection.SendAsync((await connection.ReceiveAsync())!.Value);
        });
        await using var client = await server.OpenAsync();
        var skipped = WireFrame.Masked(0x82, new byte[1000]);

        await client.SendAsync(skipped[..100]);
        await client.SendAsync(skipped[100..500]);
        await client.WaitUntilServerWaitsAsync();
        await cancellation.CancelAsync();
        await client.SendAsync(skipped[500..], WireFrame.MaskedText("after it"));

        Assert.Equal("after it", (await client.ReadFrameAsync()).Text);
    }

    // Nothing of the message has been handed out when the waiting for it as a stream is given up: it is whole for whoever asks for it as a whole.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_that_was_waited_for_as_a_stream_is_received_whole_by_who_asks_for_it_whole(bool isFragmented)
    {
        using var cancellation = new CancellationTokenSource();
        await using var server = await TestServer.StartAsync(async (connection, _) =>
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await connection.ReceiveStreamAsync(cancellation.Token));
            while (await connection.ReceiveAsync() is { } message)
                await connection.SendAsync(message);
        });
        await using var client = await server.OpenAsync();
        var whole = WireFrame.MaskedText("not in parts");

        await client.SendAsync(isFragmented ? WireFrame.MaskedText("", fin: false) : whole[..6]);
        await client.WaitUntilServerWaitsAsync();
        await cancellation.CancelAsync();
        foreach (var piece in isFragmented ? [WireFrame.Masked(0x00, "not in "u8), WireFrame.Masked(0x80, "parts"u8)] : (byte[][])[whole[6..10], whole[10..]])
        {
            await client.SendAsync(piece);
            await client.WaitUntilServerWaitsAsync();
        }

        await client.SendAsync(WireFrame.MaskedText("the next"));
        Assert.Equal("not in parts", (await client.ReadFrameAsync()).Text);
        Assert.Equal("the next", (await client.ReadFrameAsync()).Text);
    }

    [Fact]
    public async Task A_message_behind_one_that_was_read_as_a_stream_is_received_whole_too()
    {
        using var cancellation = new CancellationTokenSource();
        await using var server = await TestServer.StartAsync(async (connection, _) =>
        {
            await using (var first = await connection.ReceiveStreamAsync())
                Assert.Equal("first", await new StreamReader(first!).ReadToEndAsync(CancellationToken.None));

            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await connection.ReceiveStreamAsync(cancellation.Token));
            await connection.SendAsync((await connection.ReceiveAsync())!.Value);
        });
        await using var client = await server.OpenAsync();
        var whole = WireFrame.MaskedText("not in parts");

        await client.SendAsync(WireFrame.MaskedText("first"));
        await client.WaitUntilServerWaitsAsync();
        await client.SendAsync(whole[..6]);
        await client.WaitUntilServerWaitsAsync();
        await cancellation.CancelAsync();
        await client.SendAsync(whole[6..10]);
        await client.WaitUntilServerWaitsAsync();
        await client.SendAsync(whole[10..]);

        Assert.Equal("not in parts", (await client.ReadFrameAsync()).Text);
    }

    [Fact]
    public async Task A_message_that_begins_as_a_stream_and_is_then_wanted_whole_has_the_limit_of_a_whole_one()
    {
        using var cancellation = new CancellationTokenSource();
        await using var server = await TestServer.StartAsync(
            async (connection, _) =>
            {
                await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await connection.ReceiveStreamAsync(cancellation.Token));
                Assert.Null(await connection.ReceiveAsync());
            },
            options => options.MaxMessageSize = 10);
        await using var client = await server.OpenAsync();
        var tooLarge = WireFrame.Masked(0x82, new byte[11]);

        await client.SendAsync(tooLarge[..6]);
        await client.WaitUntilServerWaitsAsync();
        await cancellation.CancelAsync();
        await client.SendAsync(tooLarge[6..7]);

        Assert.Equal(1009, (await client.ReadFrameAsync()).CloseCode);
        Assert.Empty(server.Log.AboveDebug);
    }

    // The first byte of "Hello" in RFC 7692 §7.2.3.1 is no text yet.
    [Fact]
    public async Task A_compressed_message_that_was_waited_for_as_a_stream_is_received_whole_too()
    {
        using var cancellation = new CancellationTokenSource();
        await using var server = await TestServer.StartAsync(
            async (connection, _) =>
            {
                await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await connection.ReceiveStreamAsync(cancellation.Token));
                await connection.SendAsync((await connection.ReceiveAsync())!.Value);
            },
            options => options.Compression = CompressionMode.Shared);
        await using var client = server.Connect();
        await client.OpenAsync("Sec-WebSocket-Extensions: permessage-deflate\r\n");
        var hello = WireFrame.Masked(0xC1, 0xF2, 0x48, 0xCD, 0xC9, 0xC9, 0x07, 0x00);

        await client.SendAsync(hello[..7]);
        await client.WaitUntilServerWaitsAsync();
        await cancellation.CancelAsync();
        foreach (var octet in hello[7..])
        {
            await client.SendAsync([octet]);
            await client.WaitUntilServerWaitsAsync();
        }

        Assert.Equal("Hello", (await client.ReadFrameAsync()).Text);
    }

    [Fact]
    public async Task A_stale_stream_shows_nothing_of_what_its_memory_holds_now()
    {
        var stale = new TaskCompletionSource<Exception?>();
        await using var server = await TestServer.StartAsync(async (connection, _) =>
        {
            var first = (await connection.ReceiveStreamAsync())!;
            var second = (await connection.ReceiveStreamAsync())!;
            stale.SetResult(await Record.ExceptionAsync(async () => await first.ReadAtLeastAsync(new byte[10], 1)));
            await connection.SendAsync(await ReadAllAsync(second), second.Type);
        });
        await using var client = await server.OpenAsync();

        await client.SendAsync([.. WireFrame.MaskedText("first"), .. WireFrame.MaskedText("second")]);

        Assert.IsType<InvalidOperationException>(await stale.Task);
        Assert.Equal("second", (await client.ReadFrameAsync()).Text);
    }

    [Fact]
    public async Task A_stream_is_of_no_use_after_its_session()
    {
        WebSocketMessageStream? kept = null;
        await using var server = await TestServer.StartAsync(async (connection, _) => kept = await connection.ReceiveStreamAsync());
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.MaskedText("kept"), WireFrame.MaskedClose(1000));
        await client.ReadToEndAsync();
        client.EndSending();
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);

        await Assert.ThrowsAsync<InvalidOperationException>(async () => await kept!.ReadAtLeastAsync(new byte[10], 1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_that_ends_in_mid_message_fails_the_stream(bool isReset)
    {
        var failure = new TaskCompletionSource<Exception?>();
        await using var server = await TestServer.StartAsync(async (connection, _) =>
        {
            var stream = (await connection.ReceiveStreamAsync())!;
            failure.SetResult(await Record.ExceptionAsync(() => ReadAllAsync(stream)));
        });
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.MaskedText("half of it")[..10]);
        await client.WaitUntilServerWaitsAsync();
        if (isReset)
            client.Abort();
        else
            client.EndSending();

        Assert.IsType<WebSocketClosedException>(await failure.Task);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task A_stream_has_a_limit_of_its_own()
    {
        await using var server = await TestServer.StartAsync(
            async (connection, _) =>
            {
                while (await connection.ReceiveStreamAsync() is { } stream)
                    await connection.SendAsync(await ReadAllAsync(stream));
            },
            options => (options.MaxMessageSize, options.MaxStreamedMessageSize) = (10, 1000));
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.Masked(0x82, new byte[1000]));
        Assert.Equal(1000, (await client.ReadFrameAsync()).Payload.Length);

        await client.SendAsync(WireFrame.Masked(0x02, new byte[1000]));
        await client.SendAsync(WireFrame.Masked(0x80, new byte[1]));
        Assert.Equal(1009, (await client.ReadFrameAsync()).CloseCode);
    }

    private static async Task<byte[]> ReadAllAsync(Stream stream)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all);
        return all.ToArray();
    }
}
