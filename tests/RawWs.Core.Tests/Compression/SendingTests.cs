using System.Text;
using RawWs.Conformance;
using RawWs.Testing;
using RawWs.Tests.Protocol;

namespace RawWs.Tests.Compression;

public class SendingTests
{
    private const string Offer = "permessage-deflate; client_max_window_bits";

    [Theory]
    [InlineData(100, 99, false)]
    [InlineData(100, 100, true)]
    [InlineData(0, 30, true)]
    [InlineData(0, 0, false)]
    [InlineData(1024, 1023, false)]
    [InlineData(1024, 1024, true)]
    public async Task Messages_are_compressed_from_the_threshold_on(int threshold, int length, bool expected)
    {
        foreach (var mode in new[] { CompressionMode.Shared, CompressionMode.Dedicated })
        {
            var text = new string('a', length);
            var messages = await SendAsync(mode, connection => connection.SendAsync(text), threshold: threshold);
            Assert.Equal([(text, expected, 1)], messages.Select(message => (Encoding.UTF8.GetString(message.Payload), message.IsCompressed, message.Opcode)));
        }
    }

    [Fact]
    public async Task Threshold_is_1024_by_default()
    {
        var options = new WebSocketServerOptions();
        Assert.Equal((1024, CompressionMode.Off), (options.CompressionThreshold, options.Compression));
        var messages = await SendAsync(CompressionMode.Shared, async connection =>
        {
            await connection.SendAsync(new byte[1023]);
            await connection.SendAsync(new byte[1024]);
        }, threshold: null);

        Assert.Equal([false, true], messages.Select(message => message.IsCompressed));
    }

    // The message that is left out does not enter the window, and the next refers to the one before it.
    [Theory]
    [InlineData(CompressionMode.Shared)]
    [InlineData(CompressionMode.Dedicated)]
    public async Task Flag_sends_one_message_uncompressed(CompressionMode mode)
    {
        var text = Encoding.ASCII.GetString(Payloads.Words(500, new Random(1)));
        var secret = Encoding.ASCII.GetString(Payloads.Words(500, new Random(2)));
        var messages = await SendAsync(mode, async connection =>
        {
            await connection.SendAsync(text);
            await connection.SendAsync(secret, new SendOptions { Uncompressed = true });
            await connection.SendAsync(Encoding.UTF8.GetBytes(secret), MessageType.Binary, new SendOptions { Uncompressed = true });
            await connection.SendAsync(text, default(SendOptions));
        });

        Assert.Equal([true, false, false, true], messages.Select(message => message.IsCompressed));
        Assert.Equal([text, secret, secret, text], messages.Select(message => Encoding.UTF8.GetString(message.Payload)));
        Assert.Equal([1, 1, 2, 1], messages.Select(message => message.Opcode));
    }

    // Of another server: what was compressed, found not smaller, and sent as it was, left the window of the peer behind for ever.
    [Fact]
    public async Task What_does_not_become_smaller_goes_out_as_it_is_only_where_nothing_is_remembered()
    {
        var noise = Noise(2000);
        var text = Payloads.Words(2000, new Random(3));
        byte[][] all = [text, noise, [.. noise[..1000], .. text[..1000]], noise, text];

        foreach (var (mode, isNoiseCompressed) in new[] { (CompressionMode.Shared, false), (CompressionMode.Dedicated, true) })
        {
            var messages = await SendAsync(mode, async connection =>
            {
                foreach (var message in all)
                    await connection.SendAsync(message);
            });

            Assert.Equal(all, messages.Select(message => message.Payload));
            Assert.Equal((true, isNoiseCompressed), (messages[0].IsCompressed, messages[1].IsCompressed));
        }
    }

    // Some clients mishandle a compressed message in fragments: SendAsync makes one frame of any size, and ReadMessageAsync takes nothing else.
    [Theory]
    [InlineData(CompressionMode.Shared, 70_000)]
    [InlineData(CompressionMode.Dedicated, 70_000)]
    [InlineData(CompressionMode.Shared, 3_000_000)]
    [InlineData(CompressionMode.Dedicated, 3_000_000)]
    public async Task Message_of_any_size_is_one_frame(CompressionMode mode, int length)
    {
        // Letters at random compress by a quarter and no more: it is larger than any piece that is written at once.
        var message = Noise(length).Select(octet => (byte)('A' + octet % 64)).ToArray();
        var received = Assert.Single(await SendAsync(mode, connection => connection.SendAsync(message)));

        Assert.True(received.IsCompressed);
        Assert.Equal(message, received.Payload);
    }

    [Fact]
    public async Task Message_sent_from_a_stream_is_not_compressed_and_disturbs_nothing()
    {
        var text = Payloads.Words(3000, new Random(4));
        await using var server = await StartAsync(CompressionMode.Dedicated, async connection =>
        {
            await connection.SendAsync(text);
            await connection.SendAsync(new MemoryStream(text));
            await connection.SendAsync(text);
        });
        await using var client = await DeflateClient.OpenAsync(server.Connect(), Offer);

        Assert.Equal(text, (await client.ReadMessageAsync()).Payload);
        var streamed = new List<byte>();
        WireFrame frame;
        do
        {
            frame = await client.Wire.ReadFrameAsync();
            Assert.Equal(0, frame.First & 0x70);
            streamed.AddRange(frame.Payload);
        }
        while (!frame.Fin);

        Assert.Equal(text, streamed);
        Assert.Equal(text, (await client.ReadMessageAsync()).Payload);
    }

    // Control frames are never compressed, whatever their length and the threshold.
    [Fact]
    public async Task Control_frames_are_not_compressed()
    {
        await using var server = await TestServer.StartAsync(configure: options => (options.Compression, options.CompressionThreshold) = (CompressionMode.Shared, 0));
        await using var client = await DeflateClient.OpenAsync(server.Connect(), Offer);

        await client.Wire.SendAsync(WireFrame.Masked(0x89, new byte[125]), WireFrame.MaskedClose(1000, new string('x', 100)));

        Assert.Equal((byte)0x8A, (await client.Wire.ReadFrameAsync()).First);
        Assert.Equal((byte)0x88, (await client.Wire.ReadFrameAsync()).First);
    }

    // An empty header makes some clients give up.
    [Theory]
    [InlineData(CompressionMode.Off, Offer)]
    [InlineData(CompressionMode.Shared, null)]
    [InlineData(CompressionMode.Shared, "x-unknown")]
    [InlineData(CompressionMode.Shared, "permessage-deflate; unknown")]
    [InlineData(CompressionMode.Dedicated, "permessage-deflate; server_max_window_bits=8")]
    public async Task No_header_is_sent_where_nothing_is_agreed_on(CompressionMode mode, string? offer)
    {
        await using var server = await StartAsync(mode, connection => connection.SendAsync(new byte[5000]));
        await using var client = await DeflateClient.OpenAsync(server.Connect(), offer);

        Assert.DoesNotContain("Sec-WebSocket-Extensions", client.Head, StringComparison.OrdinalIgnoreCase);
        Assert.Equal((byte)0x82, (await client.Wire.ReadFrameAsync()).First);
    }

    [Theory]
    [InlineData(CompressionMode.Shared, "permessage-deflate; server_no_context_takeover; client_no_context_takeover")]
    [InlineData(CompressionMode.Dedicated, "permessage-deflate")]
    public async Task Header_says_once_what_was_agreed_on(CompressionMode mode, string expected)
    {
        await using var server = await StartAsync(mode, connection =>
        {
            Assert.True(connection.IsCompressed);
            return default;
        });
        await using var client = await DeflateClient.OpenAsync(server.Connect(), $"{Offer}, permessage-deflate");
        Assert.Equal(expected, client.Answer);
        Assert.Equal(1000, (await client.Wire.ReadFrameAsync()).CloseCode);
    }

    [Fact]
    public async Task Hook_declines_compression_for_one_client()
    {
        await using var server = await TestServer.StartAsync(
            async (connection, _) => await connection.SendAsync(connection.IsCompressed ? new byte[5000] : new byte[5001]),
            options =>
            {
                options.Compression = CompressionMode.Dedicated;
                options.OnUpgrade = (request, _) => new(UpgradeResponse.Accept(allowCompression: request.Path != "/plain"));
            });
        var wire = server.Connect();
        var head = await wire.OpenAsync($"Sec-WebSocket-Extensions: {Offer}\r\n", "/plain");
        await using var compressed = await DeflateClient.OpenAsync(server.Connect(), Offer);

        Assert.DoesNotContain("Sec-WebSocket-Extensions", head, StringComparison.OrdinalIgnoreCase);
        var frame = await wire.ReadFrameAsync();
        Assert.Equal((0x82, 5001), (frame.First, frame.Payload.Length));
        var message = await compressed.ReadMessageAsync();
        Assert.Equal((5000, true), (message.Payload.Length, message.IsCompressed));
        await wire.DisposeAsync();
    }

    [Fact]
    public async Task Compressed_message_of_a_client_whose_offer_was_declined_fails_with_1002()
    {
        await using var server = await TestServer.StartAsync(configure: options =>
        {
            options.Compression = CompressionMode.Shared;
            options.OnUpgrade = (_, _) => new(UpgradeResponse.Accept(allowCompression: false));
        });
        await using var client = await DeflateClient.OpenAsync(server.Connect(), Offer);

        await client.Wire.SendAsync(WireFrame.Masked(0xC1, Hex.Bytes(DeflateWire.Hello)));

        Assert.Equal(1002, (await client.Wire.ReadFrameAsync()).CloseCode);
    }

    private static async Task<List<(byte[] Payload, bool IsCompressed, int Opcode)>> SendAsync(
        CompressionMode mode, Func<WebSocketConnection, ValueTask> session, int? threshold = 0)
    {
        await using var server = await StartAsync(mode, session, threshold);
        await using var client = await DeflateClient.OpenAsync(server.Connect(), Offer);
        var messages = new List<(byte[], bool, int)>();

        while (true)
        {
            var frame = await client.Wire.ReadFrameAsync();
            if (frame.Opcode == 8)
            {
                Assert.Equal(1000, frame.CloseCode);
                return messages;
            }

            messages.Add(client.MessageOf(frame));
        }
    }

    private static Task<TestServer> StartAsync(CompressionMode mode, Func<WebSocketConnection, ValueTask> session, int? threshold = 0)
        => TestServer.StartAsync(
            async (connection, _) => await session(connection),
            options =>
            {
                options.Compression = mode;
                options.CompressionThreshold = threshold ?? options.CompressionThreshold;
            });

    private static byte[] Noise(int length)
    {
        var noise = new byte[length];
        new Random(length).NextBytes(noise);
        return noise;
    }
}
