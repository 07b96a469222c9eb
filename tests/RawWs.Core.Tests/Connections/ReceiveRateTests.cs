using RawWs.Testing;
using RawWs.Tests.Server;

namespace RawWs.Tests.Connections;

public sealed class ReceiveRateTests
{
    private static readonly byte[] Ping = WireFrame.Masked(0x89, 1);
    private static readonly byte[] Pong = WireFrame.Masked(0x8A, 1);
    private static readonly byte[] Message = WireFrame.MaskedText("m");

    [Fact]
    public async Task A_burst_of_messages_passes_and_one_more_fails_with_1008()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.MaxMessageRate = new(10, 5));
        await using var client = await server.OpenAsync();

        await SendAsync(client, Message, 5);
        await ReadEchoesAsync(client, 5);
        await client.SendAsync(Message);
        await AssertFailedAsync(client, "too many messages per second");
        Assert.Single(server.Log.AboveDebug, "Warning: Refused or closed a peer: message_rate; 0 others since the last such line ");
    }

    // The wheel turned when the server had run for 0 and for 100 ms. What is sent at 50 ms counts as sent at 0: at 100 ms there is a token more.
    [Theory]
    [InlineData(100, true)]
    [InlineData(50, true)]
    [InlineData(49, false)]
    public async Task What_is_refilled_is_exact_but_for_a_tick_in_favour_of_the_peer(int milliseconds, bool isEnough)
    {
        await using var server = await TestServer.StartAsync(configure: options => options.MaxMessageRate = new(10, 2));
        await using var client = await server.OpenAsync();
        server.Time.Advance(TimeSpan.FromMilliseconds(50));
        await SendAsync(client, Message, 2);
        await ReadEchoesAsync(client, 2);

        server.Time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        await client.SendAsync(Message);
        if (isEnough)
            await ReadEchoesAsync(client, 1);
        else
            await AssertFailedAsync(client, "too many messages per second");
    }

    // Where a coarse clock alone would refuse: all that comes between two of its ticks.
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(33)]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(101)]
    public async Task Nobody_is_refused_who_keeps_to_the_rate(int milliseconds)
    {
        await using var server = await TestServer.StartAsync(configure: options => options.MaxMessageRate = new((1000 / milliseconds) + 1, 1));
        await using var client = await server.OpenAsync();

        for (var count = 0; count < 300; count++)
        {
            await client.SendAsync(Message);
            await ReadEchoesAsync(client, 1);
            await client.WaitUntilServerWaitsAsync();
            server.Time.Advance(TimeSpan.FromMilliseconds(milliseconds));
        }

        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task In_the_long_run_the_rate_holds_whatever_the_burst()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.MaxMessageRate = new(10, 20));
        await using var client = await server.OpenAsync();
        await SendAsync(client, Message, 20);
        await ReadEchoesAsync(client, 20);
        for (var second = 0; second < 10; second++)
        {
            await client.WaitUntilServerWaitsAsync();
            server.Time.Advance(TimeSpan.FromSeconds(1));
            await SendAsync(client, Message, 10);
            await ReadEchoesAsync(client, 10);
        }

        await client.SendAsync(Message);
        await AssertFailedAsync(client, "too many messages per second");
    }

    [Fact]
    public async Task Fragments_are_one_message_and_a_stream_is_one()
    {
        await using var server = await TestServer.StartAsync(
            async (connection, _) =>
            {
                while (await connection.ReceiveStreamAsync(CancellationToken.None) is not null)
                    await connection.SendAsync("next");
            },
            options => options.MaxMessageRate = new(1, 2));
        await using var client = await server.OpenAsync();

        for (var count = 0; count < 2; count++)
            await client.SendAsync(WireFrame.Masked(0x02, 1), WireFrame.Masked(0x00, 2), WireFrame.Masked(0x80, 3));

        for (var count = 0; count < 2; count++)
            Assert.Equal("next", (await client.ReadFrameAsync()).Text);

        await client.SendAsync(WireFrame.Masked(0x02, 1), WireFrame.Masked(0x00, 2));
        Assert.Equal("next", (await client.ReadFrameAsync()).Text);
        await client.SendAsync(WireFrame.Masked(0x80, 3));
        await AssertFailedAsync(client, "too many messages per second");
    }

    // A masked frame of one byte is 7 bytes long.
    [Theory]
    [InlineData(70, true)]
    [InlineData(69, false)]
    public async Task Bytes_are_counted_when_they_arrive_headers_included(int burst, bool isEnough)
    {
        await using var server = await TestServer.StartAsync(configure: options => options.MaxByteRate = new(1, burst));
        await using var client = await server.OpenAsync();
        for (var count = 0; count < 9; count++)
        {
            await client.SendAsync(Message);
            await ReadEchoesAsync(client, 1);
        }

        // In two parts: what waits for its rest is not counted again with it.
        await client.SendAsync(Message[..3]);
        await client.WaitUntilServerWaitsAsync();
        await client.SendAsync(Message[3..]);
        if (isEnough)
            await ReadEchoesAsync(client, 1);
        else
            await AssertFailedAsync(client, "too many bytes per second");
    }

    [Fact]
    public async Task A_message_larger_than_the_burst_passes_if_it_takes_its_time()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.MaxByteRate = new(100, 100));
        await using var client = await server.OpenAsync();
        var message = WireFrame.Masked(0x82, new byte[1000]);

        foreach (var piece in message.Chunk(100))
        {
            await client.SendAsync(piece);
            await client.WaitUntilServerWaitsAsync();
            server.Time.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(1000, (await client.ReadFrameAsync()).Payload.Length);
    }

    [Fact]
    public async Task Pings_pongs_and_empty_frames_count_together()
    {
        await using var server = await TestServer.StartAsync(configure: options => options.MaxControlFrameRate = new(1, 6));
        await using var client = await server.OpenAsync();

        await client.SendAsync(Ping, Pong, WireFrame.MaskedText(""), WireFrame.MaskedText("", fin: false), WireFrame.Masked(0x00), WireFrame.Masked(0x80, (byte)'m'));
        Assert.Equal(0xA, (await client.ReadFrameAsync()).Opcode);
        Assert.Equal("", (await client.ReadFrameAsync()).Text);
        Assert.Equal("m", (await client.ReadFrameAsync()).Text);
        await SendAsync(client, Message, 20);
        await ReadEchoesAsync(client, 20);
        await client.SendAsync(Ping);
        Assert.Equal(0xA, (await client.ReadFrameAsync()).Opcode);
        await client.SendAsync(Ping);
        await AssertFailedAsync(client, "too many control frames or empty frames per second");
    }

    [Theory]
    [InlineData("pings")]
    [InlineData("pongs")]
    [InlineData("empty messages")]
    [InlineData("empty fragments")]
    public async Task A_flood_of_what_costs_nothing_is_refused_by_default(string kind)
    {
        var (server, metrics) = await MetricsProbe.WatchAsync(() => TestServer.StartAsync());
        using var probe = metrics;
        await using var stopping = server;
        await using var client = await server.OpenAsync(capacity: 1024 * 1024);
        var frame = kind switch
        {
            "pings" => WireFrame.Masked(0x89),
            "pongs" => WireFrame.Masked(0x8A),
            "empty messages" => WireFrame.Masked(0x82),
            _ => WireFrame.Masked(0x00),
        };
        byte[] flood = [.. Enumerable.Repeat(frame, 20_000).SelectMany(bytes => bytes)];
        var first = kind == "empty fragments" ? WireFrame.Masked(0x02, 1) : [];

        await client.SendAsync(first);
        await client.SendAsync(flood);
        await client.WaitUntilServerWaitsAsync();
        await client.SendAsync(frame);
        var last = await client.ReadFrameAsync();
        while (last.Opcode != 0x8)
            last = await client.ReadFrameAsync();

        Assert.Equal((1008, "too many control frames or empty frames per second"), (last.CloseCode, last.CloseReason));
        Assert.Equal(1, probe["rawws.refusals control_rate"]);
    }

    [Fact]
    public async Task The_answers_to_our_pings_are_not_counted()
    {
        WebSocketConnection? connection = null;
        await using var server = await TestServer.StartAsync(
            (opened, cancellationToken) =>
            {
                connection = opened;
                return TestServer.EchoAsync(opened, cancellationToken);
            },
            options => options.MaxControlFrameRate = new(1, 1));
        await using var client = await server.OpenAsync();

        for (var count = 0; count < 10; count++)
        {
            var pinging = connection!.PingAsync();
            await client.SendAsync(WireFrame.Masked(0x8A, (await client.ReadFrameAsync()).Payload));
            await pinging;
        }

        await client.SendAsync(Pong);
        await client.WaitUntilServerWaitsAsync();
        await client.SendAsync(Pong);
        await AssertFailedAsync(client, "too many control frames or empty frames per second");
    }

    // While its handler took a minute, the peer went on at its rate; that nobody listened is not its fault.
    [Theory]
    [InlineData(605, true)]
    [InlineData(620, false)]
    public async Task What_piled_up_while_nobody_listened_is_judged_by_when_it_was_sent(int count, bool isFair)
    {
        var (isBusy, goOn) = (new SemaphoreSlim(0), new SemaphoreSlim(0));
        await using var server = await TestServer.StartAsync(
            async (connection, _) =>
            {
                await foreach (var message in connection.ReadMessagesAsync(CancellationToken.None))
                {
                    await connection.SendAsync(message);
                    if (message.Payload.Length == 4)
                    {
                        isBusy.Release();
                        await goOn.WaitAsync(CancellationToken.None);
                    }
                }
            },
            options => (options.MaxMessageRate, options.KeepAliveInterval, options.IdleTimeout) = (new(10, 10), Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan));
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.MaskedText("slow"));
        await isBusy.WaitAsync();
        server.Time.Advance(TimeSpan.FromSeconds(60));
        await SendAsync(client, Message, count);
        goOn.Release();

        Assert.Equal("slow", (await client.ReadFrameAsync()).Text);
        await ReadEchoesAsync(client, isFair ? count : 609);
        if (!isFair)
        {
            await AssertFailedAsync(client, "too many messages per second");
            return;
        }

        // What it did not use is gone once the pile is: the next burst is an ordinary one.
        await client.WaitUntilServerWaitsAsync();
        server.Time.Advance(TimeSpan.FromSeconds(60));
        await SendAsync(client, Message, 11);
        await ReadEchoesAsync(client, 10);
        await AssertFailedAsync(client, "too many messages per second");
    }

    private static async Task SendAsync(WireClient client, byte[] frame, int count)
        => await client.SendAsync([.. Enumerable.Repeat(frame, count).SelectMany(bytes => bytes)]);

    private static async Task ReadEchoesAsync(WireClient client, int count)
    {
        for (var number = 0; number < count; number++)
            Assert.Equal("m", (await client.ReadFrameAsync()).Text);
    }

    private static async Task AssertFailedAsync(WireClient client, string reason)
    {
        var close = await client.ReadFrameAsync();
        Assert.Equal((1008, reason), (close.CloseCode, close.CloseReason));
        Assert.True(await client.IsAtEndAsync());
        client.EndSending();
    }
}
