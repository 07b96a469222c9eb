using System.Buffers;
using RawWs.Compression;
using RawWs.Protocol;
using RawWs.Testing;
using RawWs.Tests.Protocol;

namespace RawWs.Tests.Compression;

/// <summary>What states take is counted for the whole process; so these tests run alone, and after what others have left behind is gone.</summary>
[Collection(AloneCollection.Name)]
public class DeflateBudgetTests
{
    private static readonly long CostOfConnection = Deflater.CostOf(15) + Inflater.CostOf(15);

    /// <summary>How many states of a kind a server keeps at most.</summary>
    private static readonly int MaxKept = 4 * Environment.ProcessorCount;

    private readonly long _baseline = Settle();

    [Fact]
    public void Cost_is_that_of_the_manual_of_zlib()
    {
        Assert.Equal((128 + 128) * 1024, Deflater.CostOf(15));
        Assert.Equal((2 + 128) * 1024, Deflater.CostOf(9));
        Assert.Equal((32 + 7) * 1024, Inflater.CostOf(15));
    }

    [Fact]
    public void State_is_counted_from_its_making_to_its_first_disposing()
    {
        for (var windowBits = 9; windowBits <= 15; windowBits++)
        {
            var (deflater, inflater) = (new Deflater(1, windowBits), new Inflater(windowBits));
            Assert.Equal(_baseline + Deflater.CostOf(windowBits) + Inflater.CostOf(windowBits), DeflateBudget.Taken);

            deflater.Dispose();
            deflater.Dispose();
            inflater.Dispose();
            inflater.Dispose();
            Assert.Equal(_baseline, DeflateBudget.Taken);
        }
    }

    [Fact]
    public void Forgotten_state_is_paid_back_by_the_finalizer()
    {
        Forget();
        Assert.Equal(_baseline, Settle());

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Forget()
        {
            _ = (new Deflater(1, 15), new Inflater(15));
            Assert.Throws<InvalidOperationException>(() => new Deflater(1, 3));
            Assert.Throws<InvalidOperationException>(() => new Inflater(3));
        }
    }

    [Fact]
    public void Pool_keeps_what_can_be_at_work_at_once_and_frees_the_rest()
    {
        using (var states = DeflateWire.States())
        {
            Deflater[] deflaters = [.. Enumerable.Range(0, 3 * MaxKept).Select(_ => states.RentDeflater(15)!)];
            Inflater[] inflaters = [.. Enumerable.Range(0, 3 * MaxKept).Select(_ => states.RentInflater(15)!)];
            Assert.Equal(_baseline + 3 * MaxKept * CostOfConnection, DeflateBudget.Taken);

            foreach (var deflater in deflaters)
                states.Return(deflater);
            foreach (var inflater in inflaters)
                states.Return(inflater);
            Assert.Equal(_baseline + MaxKept * CostOfConnection, DeflateBudget.Taken);
        }

        Assert.Equal(_baseline, DeflateBudget.Taken);
    }

    [Fact]
    public void State_that_comes_back_after_the_end_is_freed()
    {
        var states = DeflateWire.States();
        var (deflater, inflater) = (states.RentDeflater(12)!, states.RentInflater(12)!);
        states.Dispose();
        states.Return(deflater);
        states.Return(inflater);
        Assert.Equal(_baseline, DeflateBudget.Taken);
    }

    [Fact]
    public void Used_up_budget_lends_what_is_kept_and_makes_nothing_new()
    {
        using var states = DeflateWire.States(maxMemory: _baseline + CostOfConnection);
        var (deflater, inflater) = (states.RentDeflater(15), states.RentInflater(15));
        Assert.Null(states.RentDeflater(9));
        Assert.Null(states.RentInflater(8));
        Assert.False(states.HasRoomFor(1));
        Assert.True(states.HasRoomFor(0));

        states.Return(deflater!);
        states.Return(inflater!);
        Assert.Same(deflater, states.RentDeflater(15));
        Assert.Same(inflater, states.RentInflater(15));
        states.Return(deflater!);
        states.Return(inflater!);
    }

    [Fact]
    public void Message_for_which_there_is_no_memory_fails_with_1013()
    {
        using var states = DeflateWire.States(maxMemory: _baseline);
        var wire = DeflateWire.Frame(DeflateWire.Hello);
        Assert.Equal(["Fails 1013"], Transcript.Of(wire, decoder: () => new MessageInflater(states, DeflateWire.Apart)));
        Assert.Equal(["Fails 1013"], Transcript.Of(wire, decoder: () => new MessageInflater(states, DeflateWire.Takeover)));
    }

    [Fact]
    public async Task Extension_is_declined_when_the_budget_is_used_up_and_taken_again_when_it_is_not()
    {
        await using var server = await StartAsync(CompressionMode.Dedicated, options => options.MaxCompressionMemory = _baseline + Math.Max(1 << 20, 3 * CostOfConnection));
        var clients = new List<DeflateClient>();
        while (await DeflateClient.OpenAsync(server.Connect()) is var client)
        {
            clients.Add(client);
            if (client.Answer is null)
                break;

            await EchoAsync(client);
        }

        // As many as there was room for, and one more, which is served without.
        Assert.InRange(clients.Count, 4, 5);
        await clients[^1].Wire.SendAsync(WireFrame.Masked(0x82, new byte[2000]));
        Assert.Equal((byte)0x82, (await clients[^1].Wire.ReadFrameAsync()).First);
        var used = DeflateBudget.Taken;

        await EndAsync(clients[0]);
        await clients[0].DisposeAsync();
        await Eventually.HoldsAsync(() => DeflateBudget.Taken <= used - CostOfConnection);
        await using var next = await DeflateClient.OpenAsync(server.Connect());
        Assert.NotNull(next.Answer);

        foreach (var client in clients[1..])
            await client.DisposeAsync();
    }

    [Theory]
    [InlineData(CompressionMode.Shared)]
    [InlineData(CompressionMode.Dedicated)]
    public async Task Without_memory_messages_go_out_raw_and_compressed_ones_are_refused_with_1013(CompressionMode mode)
    {
        await using var server = await StartAsync(mode, options => options.MaxCompressionMemory = _baseline + (1 << 20));
        await using var client = await DeflateClient.OpenAsync(server.Connect());
        Assert.NotNull(client.Answer);

        DeflateBudget.Take(1 << 20);
        try
        {
            await client.Wire.SendAsync(WireFrame.Masked(0x82, new byte[2000]));
            Assert.Equal((2000, false), await ReadAsync(client));
            await client.Wire.SendAsync(WireFrame.Masked(0xC1, Hex.Bytes(DeflateWire.Hello)));
            Assert.Equal(1013, (await client.Wire.ReadFrameAsync()).CloseCode);
        }
        finally
        {
            DeflateBudget.Return(1 << 20);
        }
    }

    // What went out raw has not entered the window: the first compressed message after it begins with a new state.
    [Fact]
    public async Task Compression_begins_when_there_is_memory_again()
    {
        await using var server = await StartAsync(CompressionMode.Dedicated, options => options.MaxCompressionMemory = _baseline + (1 << 20));
        await using var client = await DeflateClient.OpenAsync(server.Connect());
        DeflateBudget.Take(1 << 20);
        await client.Wire.SendAsync(WireFrame.Masked(0x82, new byte[2000]));
        Assert.Equal((2000, false), await ReadAsync(client));
        DeflateBudget.Return(1 << 20);

        for (var round = 0; round < 3; round++)
        {
            await client.Wire.SendAsync(WireFrame.Masked(0x82, new byte[2000]));
            Assert.Equal((2000, true), await ReadAsync(client));
        }
    }

    // One is prepared to be sent many times: that there was no memory once is no reason to send it as it is for ever.
    [Fact]
    public void Prepared_message_is_compressed_when_there_is_memory_again()
    {
        var message = PreparedMessage.FromBytes(new byte[2000]);
        using var poor = DeflateWire.States(maxMemory: _baseline);
        using var rich = DeflateWire.States();

        Assert.Same(message.Plain, message.CompressedFor(new MessageDeflater(poor, DeflateWire.Apart)));
        var compressed = message.CompressedFor(new MessageDeflater(rich, DeflateWire.Apart));

        Assert.True(compressed.IsCompressed);
        Assert.Same(compressed, message.CompressedFor(new MessageDeflater(poor, DeflateWire.Apart)));
    }

    public static TheoryData<CompressionMode, string> Ends
    {
        get
        {
            var ends = new TheoryData<CompressionMode, string>();
            foreach (var mode in new[] { CompressionMode.Shared, CompressionMode.Dedicated })
            {
                foreach (var end in new[] { "close", "close in a message", "abort", "abort in a message", "broken data", "protocol violation in a message",
                    "too big", "session throws", "session throws in a message", "server aborts", "server stops" })
                    ends.Add(mode, end);
            }

            return ends;
        }
    }

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task Everything_is_paid_back_however_connections_end(CompressionMode mode, string end)
    {
        await using (var server = await StartAsync(mode, session: SessionAsync))
        {
            for (var round = 0; round < 5; round++)
            {
                await using var client = await DeflateClient.OpenAsync(server.Connect());
                await EchoAsync(client);
                await SendAsync(client, WireOf(end));
                if (end.StartsWith("abort", StringComparison.Ordinal))
                    client.Wire.Abort();
                else if (end != "server stops")
                    await EndAsync(client);
            }

            if (end != "server stops")
            {
                // What is left belongs to the server's pool, and that is bounded; dedicated states have none.
                await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
                Assert.InRange(DeflateBudget.Taken - _baseline, 0, mode == CompressionMode.Shared ? MaxKept * CostOfConnection : 0);
            }
        }

        Assert.Equal(_baseline, Settle());
    }

    [Fact]
    public void Thirty_thousand_connections_leave_no_more_than_the_pool_keeps()
    {
        using (var states = DeflateWire.States())
        {
            var (hello, broken) = (Hex.Bytes(DeflateWire.Hello), Hex.Bytes("06"));
            var text = new ReadOnlySequence<byte>(new byte[300]);
            Serve(1000);
            var before = LiveMemory.Measure();
            Serve(29_000);

            Assert.InRange(LiveMemory.Measure() - before, long.MinValue, 1 << 20);
            Assert.InRange(DeflateBudget.Taken - _baseline, 0, MaxKept * CostOfConnection);

            void Serve(int connections)
            {
                for (var number = 0; number < connections; number++)
                {
                    // One in fifty has states of its own, whose making is what takes the time.
                    var parameters = number % 50 == 0 ? DeflateWire.Takeover : DeflateWire.Apart;
                    using var inflater = new MessageInflater(states, parameters);
                    using var deflater = new MessageDeflater(states, parameters);
                    using var assembler = new MessageAssembler(Transcript.Roomy, inflater);
                    if (deflater.TryCompress(text) is { } compressed)
                        ArrayPool<byte>.Shared.Return(compressed.Rented);

                    // Whole, broken off, or broken.
                    var input = new ReadOnlySequence<byte>((number % 3) switch
                    {
                        0 => ClientFrame.Bytes(0xC1, hello),
                        1 => ClientFrame.Bytes(0x41, hello.AsSpan(0, 3)),
                        _ => ClientFrame.Bytes(0xC1, broken),
                    });
                    try
                    {
                        assembler.TryReceive(ref input, out _);
                    }
                    catch (ProtocolViolationException)
                    {
                        // The broken ones.
                    }
                }
            }
        }

        Assert.Equal(_baseline, Settle());
    }

    private static byte[] WireOf(string end) => end switch
    {
        "close" => WireFrame.MaskedClose(1000),
        "close in a message" => [.. Begun(), .. WireFrame.MaskedClose(1000)],
        "abort in a message" => Begun(),
        "broken data" => WireFrame.Masked(0xC1, 0x06),
        "protocol violation in a message" => [.. Begun(), .. WireFrame.Masked(0x81)],
        "too big" => WireFrame.Masked(0xC2, DeflateWire.Bomb(1_100_000)),
        "session throws" => WireFrame.MaskedText("throw"),
        "session throws in a message" => [.. WireFrame.MaskedText("throw"), .. Begun()],
        "server aborts" => [.. WireFrame.MaskedText("abort"), .. Begun()],
        "server stops" => Begun(),
        _ => [],
    };

    private static byte[] Begun() => WireFrame.Masked(0x41, Hex.Bytes(DeflateWire.Hello).AsSpan(0, 3));

    private static async Task SessionAsync(WebSocketConnection connection, CancellationToken cancellationToken)
    {
        await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
        {
            switch (message.Type == MessageType.Text ? message.GetText() : "")
            {
                case "throw": throw new InvalidOperationException("As it was asked to.");
                case "abort": connection.Abort(); break;
                default: await connection.SendAsync(message, cancellationToken); break;
            }
        }
    }

    private static Task<TestServer> StartAsync(
        CompressionMode mode, Action<WebSocketServerOptions>? configure = null, Func<WebSocketConnection, CancellationToken, Task>? session = null)
        => TestServer.StartAsync(session, options =>
        {
            options.Compression = mode;
            configure?.Invoke(options);
        });

    private static async Task EchoAsync(DeflateClient client)
    {
        await client.Wire.SendAsync(WireFrame.Masked(0xC2, DeflateWire.Bomb(2000)));
        Assert.Equal((2000, true), await ReadAsync(client));
    }

    private static async Task<(int Length, bool IsCompressed)> ReadAsync(DeflateClient client)
        => await client.ReadMessageAsync() is var message ? (message.Payload.Length, message.IsCompressed) : default;

    /// <summary>Closes, and reads to the end of the connection.</summary>
    private static async Task EndAsync(DeflateClient client)
    {
        await SendAsync(client, WireFrame.MaskedClose(1000));
        try
        {
            await client.Wire.ReadToEndAsync();
            client.Wire.EndSending();
        }
        catch (IOException)
        {
            // The server has dropped it, as some of these want.
        }
    }

    private static async Task SendAsync(DeflateClient client, byte[] wire)
    {
        try
        {
            await client.Wire.SendAsync(wire);
        }
        catch (IOException)
        {
            // As above: it may be gone before the sending returns.
        }
    }

    /// <summary>What is taken when nothing is left that waits for its finalizer.</summary>
    private static long Settle()
    {
        for (var round = 0; round < 3; round++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return DeflateBudget.Taken;
    }
}
