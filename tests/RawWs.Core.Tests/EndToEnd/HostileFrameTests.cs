using RawWs.Testing;
using RawWs.Tests.Transport;

namespace RawWs.Tests.EndToEnd;

/// <summary>What a client must not send, over real sockets: it costs the client its connection, and nobody else anything.</summary>
public class HostileFrameTests : LoopbackTests
{
    // Each row ends with what must be refused; nothing behind it is needed to refuse it.
    public static TheoryData<string, string, int> Violations() => new()
    {
        { "unmasked text", "8100", 1002 },
        { "unmasked ping", "8900", 1002 },
        { "reserved opcode 3", "8380", 1002 },
        { "reserved opcode 7", "8780", 1002 },
        { "reserved opcode B", "8B80", 1002 },
        { "reserved opcode F", "8F80", 1002 },
        { "reserved opcode, large payload announced", "83FF", 1002 },
        { "RSV1 without an extension", "C180", 1002 },
        { "RSV2", "A180", 1002 },
        { "RSV3", "9180", 1002 },
        { "RSV1 on a ping", "C980", 1002 },
        { "fragmented ping", "0980", 1002 },
        { "fragmented close", "0880", 1002 },
        { "ping of 126 bytes", "89FE", 1002 },
        { "close of 126 bytes", "88FE", 1002 },
        { "close of 1 byte", "8881" + "00000000" + "03", 1002 },
        { "close with 1005", "8882" + "00000000" + "03ED", 1002 },
        { "close with a reason that is not UTF-8", "8884" + "00000000" + "03E8" + "C328", 1007 },
        { "continuation of nothing", "8080", 1002 },
        { "continuation after a whole message", "8180" + "00000000" + "8080", 1002 },
        { "text inside a fragmented message", "0180" + "00000000" + "8180", 1002 },
        { "binary inside a fragmented message", "0180" + "00000000" + "0280", 1002 },
        { "length 125 in 16 bits", "82FE" + "007D" + "00000000", 1002 },
        { "length 65535 in 64 bits", "82FF" + "000000000000FFFF" + "00000000", 1002 },
        { "most significant bit of a length", "82FF" + "8000000000000000" + "00000000", 1002 },
        { "all bits of a length", "82FF" + "FFFFFFFFFFFFFFFF" + "00000000", 1002 },
        { "length 2^63-1", "82FF" + "7FFFFFFFFFFFFFFF" + "00000000", 1009 },
        { "length 2^40", "82FF" + "0000010000000000" + "00000000", 1009 },
        { "length 2^32", "82FF" + "0000000100000000" + "00000000", 1009 },
        { "length 2^31", "82FF" + "0000000080000000" + "00000000", 1009 },
        { "length of the limit and one", "82FF" + "0000000000100001" + "00000000", 1009 },
        { "fragments above the limit with a pong between", "0281" + "00000000" + "AA" + "8A80" + "00000000" + "80FF" + "0000000000100000" + "00000000", 1009 },
        { "fragments that overflow a sum", "0281" + "00000000" + "AA" + "80FF" + "7FFFFFFFFFFFFFFF" + "00000000", 1009 },
        { "invalid UTF-8", "8181" + "00000000" + "FF", 1007 },
        { "invalid UTF-8 in the middle of a frame", "81FE" + "1000" + "00000000" + "61C328", 1007 },
        { "a surrogate", "8183" + "00000000" + "EDA080", 1007 },
        { "a text that ends inside a character", "8182" + "00000000" + "E282", 1007 },
        { "a character that is broken between fragments", "0181" + "00000000" + "E2" + "8081" + "00000000" + "28", 1007 },
    };

    [Theory]
    [MemberData(nameof(Violations))]
    public async Task A_violation_is_answered_with_its_close_code_and_an_orderly_end(string name, string wire, int code)
    {
        Assert.NotEmpty(name);
        await using var server = await StartServerAsync();
        await using var bystander = await server.OpenAsync();
        await using var client = await server.OpenAsync();

        await client.SendAsync(Convert.FromHexString(wire));

        await AssertClosedWithAsync(client, code);
        client.EndSending();
        await AssertEchoesAsync(bystander);
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 1);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task Violations_are_seen_byte_by_byte_too()
    {
        await using var server = await StartServerAsync();
        foreach (var row in Violations())
        {
            await using var client = await server.OpenAsync();
            var (wire, code) = (Convert.FromHexString(row.Data.Item2), row.Data.Item3);

            // It may be refused before its last byte, and then the rest finds no reader.
            await client.SendByteByByteAsync(wire);
            await AssertClosedWithAsync(client, code);
        }

        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task Ten_thousand_tiny_frames_in_one_piece_come_back_in_order_and_hold_up_nobody()
    {
        await using var server = await StartServerAsync();
        await using var bystander = await server.OpenAsync();
        await using var client = await server.OpenAsync();

        var sending = client.SendAsync(Enumerable.Range(0, 10_000).SelectMany(number => WireFrame.MaskedText($"{number}")).ToArray());
        await AssertEchoesAsync(bystander);
        for (var number = 0; number < 10_000; number++)
            Assert.Equal($"{number}", (await client.ReadFrameAsync()).Text);

        await sending;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public async Task Endless_tiny_fragments_are_refused_at_the_limit_of_their_count(int length)
    {
        await using var server = await StartServerAsync(configure: options => options.MaxFragmentCount = 10_000);
        await using var client = await server.OpenAsync();
        var fragment = WireFrame.Masked(0x00, new byte[length]);

        await client.SendAsync(WireFrame.Masked(0x02, new byte[length]));
        await client.SendAsync(Enumerable.Repeat(fragment, 9_999).SelectMany(each => each).ToArray());
        await client.SendAsync(WireFrame.Masked(0x89, 1));
        Assert.Equal(0xA, (await client.ReadFrameAsync()).Opcode);

        await client.SendAsync(fragment);
        await AssertClosedWithAsync(client, 1008);
    }

    [Theory]
    [InlineData(0x82)]
    [InlineData(0x02)]
    public async Task Many_who_begin_large_messages_and_do_not_end_them_leave_room_for_the_others(byte firstByte)
    {
        await using var server = await StartServerAsync(configure: options => options.MaxReceiveMemory = 1 << 20);
        await using var bystander = await server.OpenAsync();
        var hoarders = new List<WireClient>();
        for (var count = 0; count < 8; count++)
        {
            hoarders.Add(await server.OpenAsync());
            await hoarders[^1].SendAsync(WireFrame.Masked(firstByte, new byte[400_000])[..350_000]);
        }

        // Three times as much, less what is free, is all that there is room for.
        var closes = hoarders.Select(client => client.ReadFrameAsync()).ToList();
        await Eventually.HoldsAsync(() => closes.Count(close => close.IsCompleted) >= hoarders.Count - 3);
        Assert.All(closes.Where(close => close.IsCompleted), close => Assert.Equal(1013, close.Result.CloseCode));
        await AssertEchoesAsync(bystander);

        hoarders.ForEach(client => client.Abort());
        await Task.WhenAll(closes).ContinueWith(static _ => { }, TaskScheduler.Default);
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 1);

        // Nothing of it is counted any more.
        var message = new byte[900_000];
        message[^1] = 1;
        await bystander.SendAsync(WireFrame.Masked(0x82, message));
        Assert.Equal(message, (await bystander.ReadFrameAsync()).Payload);
        foreach (var client in hoarders)
            await client.DisposeAsync();
    }

    [Fact]
    public async Task A_flood_of_pings_that_nobody_reads_the_answers_of_costs_nobody_anything()
    {
        await using var server = await StartServerAsync(configure: options => options.MaxControlFrameRate = null);
        await using var bystander = await server.OpenAsync();
        await using var client = await server.OpenAsync(receiveBufferSize: 4096);
        var pings = Enumerable.Range(0, 1000).SelectMany(_ => WireFrame.Masked(0x89, new byte[125])).ToArray();

        for (var count = 0; count < 200; count++)
            await client.SendAsync(pings);
        await client.SendAsync(WireFrame.Masked(0x89, "last"u8), WireFrame.MaskedText("and an echo"));
        await AssertEchoesAsync(bystander);

        // Many were answered, none but the latest had to be.
        var (frame, count2) = (await client.ReadFrameAsync(), 0);
        for (; frame.Text != "last"; frame = await client.ReadFrameAsync())
        {
            Assert.Equal((0x8A, 125), (frame.First, frame.Payload.Length));
            count2++;
        }

        Assert.InRange(count2, 1, 200_000);
        Assert.Equal("and an echo", (await client.ReadFrameAsync()).Text);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task A_half_closed_client_gets_what_it_asked_for_before_the_end()
    {
        await using var server = await StartServerAsync();
        await using var client = await server.OpenAsync();

        await client.SendAsync(WireFrame.MaskedText("asked"));
        client.EndSending();

        Assert.Equal("asked", (await client.ReadFrameAsync()).Text);
        Assert.True(await client.IsAtEndAsync());
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task A_close_that_is_followed_by_anything_ends_in_an_orderly_way()
    {
        await using var server = await StartServerAsync();
        foreach (var after in new[] { WireFrame.MaskedText("more"), WireFrame.MaskedClose(1001), WireFrame.Unmasked(0xFF, 1), new byte[100_000] })
        {
            await using var client = await server.OpenAsync();
            await client.SendAsync([.. WireFrame.MaskedClose(1000), .. after]);
            await AssertClosedWithAsync(client, 1000);
        }

        await using var resetting = await server.OpenAsync();
        await resetting.SendAsync(WireFrame.MaskedClose(1000));
        resetting.Abort();
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Empty(server.Log.AboveDebug);
    }

    private static async Task AssertClosedWithAsync(WireClient client, int code)
    {
        var close = await client.ReadFrameAsync();
        while (close.Opcode != 0x8)
            close = await client.ReadFrameAsync();

        Assert.Equal((0x88, code), (close.First, close.CloseCode));
        Assert.True(await client.IsAtEndAsync());
    }

    private static async Task AssertEchoesAsync(WireClient client)
    {
        await client.SendAsync(WireFrame.MaskedText("still here"));
        Assert.Equal("still here", (await client.ReadFrameAsync()).Text);
    }
}
