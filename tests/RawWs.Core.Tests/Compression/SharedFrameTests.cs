using System.Buffers;
using RawWs.Compression;
using RawWs.Conformance;
using RawWs.Connections;
using RawWs.Testing;
using RawWs.Tests.Connections;

namespace RawWs.Tests.Compression;

/// <summary>Messages that were compressed once for many go to clients whose other messages refer to each other.</summary>
public class SharedFrameTests
{
    private const int MaxWriteSize = 64 * 1024;

    // What is compressed for all puts into the client's window what ours does not have: our next one must refer to nothing before it.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task Any_mix_of_shared_and_own_messages_arrives_intact(int seed)
    {
        var random = new Random(seed);
        var threshold = random.Next(3) switch { 0 => 0, 1 => 64, _ => 1024 };
        var messages = Enumerable.Range(0, 60).Select(_ => Payload(random, threshold)).ToList();
        PreparedMessage[] prepared = [.. messages.Take(10).Select(payload => PreparedMessage.FromBytes(payload))];
        var expected = new List<byte[]>();
        await using var server = await TestServer.StartAsync(
            async (connection, _) =>
            {
                foreach (var payload in messages)
                    await SendAsync(connection, payload);
            },
            options => (options.Compression, options.CompressionThreshold, options.BroadcastPolicy, options.MaxSendQueueSize)
                = (random.Next(4) == 0 ? CompressionMode.Shared : CompressionMode.Dedicated, threshold, SlowConsumerPolicy.DropNewest, 100 << 20));
        var bits = random.Next(9, 16);
        await using var client = await DeflateClient.OpenAsync(
            server.Connect(random.Next(2) == 0 ? 1000 : 1 << 20), $"permessage-deflate; server_max_window_bits={bits}");

        var received = new List<byte[]>();
        for (var frame = await client.Wire.ReadFrameAsync(); frame.Opcode != 8; frame = await client.Wire.ReadFrameAsync())
            received.Add(client.MessageOf(frame).Payload);

        Assert.Equal(expected.Count, received.Count);
        for (var number = 0; number < expected.Count; number++)
            Assert.True(expected[number].AsSpan().SequenceEqual(received[number]), $"message {number} of {expected[number].Length} bytes");

        async Task SendAsync(WebSocketConnection connection, byte[] payload)
        {
            var options = new SendOptions { Uncompressed = random.Next(6) == 0 };
            switch (random.Next(6))
            {
                case 0 or 1:
                    expected.Add(payload);
                    await connection.SendAsync(payload, MessageType.Binary, options);
                    break;

                case 2:
                    expected.Add(payload);
                    connection.Send(PreparedMessage.FromBytes(payload), options);
                    break;

                case 3:
                    var again = prepared[random.Next(prepared.Length)];
                    expected.Add(again.Payload.ToArray());
                    await connection.SendAsync(again, options);
                    break;

                case 4:
                    var several = random.GetItems(prepared, 3);
                    expected.AddRange(several.Select(message => message.Payload.ToArray()));
                    connection.SendTogether([.. several]);
                    break;

                default:
                    var one = prepared[random.Next(prepared.Length)];
                    expected.Add(one.Payload.ToArray());
                    connection.Send(one, options);
                    break;
            }
        }
    }

    [Fact]
    public async Task Own_message_behind_a_shared_one_refers_to_nothing_before_it()
    {
        var text = string.Join(' ', Enumerable.Range(0, 400).Select(number => $"{number * 7919 % 1000}"));
        await using var server = await TestServer.StartAsync(
            async (connection, _) =>
            {
                await connection.SendAsync(text);
                await connection.SendAsync(text);
                connection.Send(text);
                await connection.SendAsync(text);
                await connection.SendAsync(text);
            },
            options => options.Compression = CompressionMode.Dedicated);
        await using var client = await DeflateClient.OpenAsync(server.Connect());

        var lengths = new List<int>();
        for (var count = 0; count < 5; count++)
        {
            var frame = await client.Wire.ReadFrameAsync();
            lengths.Add(frame.Payload.Length);
            Assert.Equal(text, System.Text.Encoding.ASCII.GetString(client.MessageOf(frame).Payload));
        }

        // The second refers to the first; the shared one and the one behind it to nothing; the last to the one before it.
        Assert.InRange(lengths[1], 1, lengths[0] / 10);
        Assert.InRange(lengths[3], lengths[0] / 2, 2 * lengths[0]);
        Assert.InRange(lengths[4], 1, lengths[0] / 10);
    }

    [Fact]
    public async Task One_prepared_message_serves_every_window_and_none()
    {
        PreparedMessage message = string.Join(' ', Enumerable.Range(0, 20_000).Select(number => $"{number % 1999}"));
        await using var server = await TestServer.StartAsync(
            (connection, _) =>
            {
                connection.Send(message);
                return Task.CompletedTask;
            },
            options => options.Compression = CompressionMode.Dedicated);

        foreach (var offer in ((string?[])[null, .. Enumerable.Range(9, 7).Select(bits => $"permessage-deflate; server_max_window_bits={bits}")]).Concat(["permessage-deflate"]))
        {
            await using var client = await DeflateClient.OpenAsync(server.Connect(), offer);
            var (payload, isCompressed, opcode) = await client.ReadMessageAsync();

            Assert.True(message.Payload.Span.SequenceEqual(payload));
            Assert.Equal((offer is not null, 1), (isCompressed, opcode));
        }
    }

    // Clients choose their windows: a message that is kept may not take memory for each of them.
    [Theory]
    [InlineData(15, 14, 13, 12, 11, 10, 9)]
    [InlineData(9, 10, 11, 12, 13, 14, 15)]
    [InlineData(12, 10, 14, 9, 15, 11, 13)]
    public void One_prepared_message_is_kept_for_two_windows(params int[] asked)
    {
        PreparedMessage message = string.Join(' ', Enumerable.Range(0, 20_000).Select(number => $"{number % 1999}"));
        using var states = DeflateWire.States();
        EncodedFrame FrameFor(int bits) => message.CompressedFor(new MessageDeflater(states, DeflateWire.Apart with { ServerMaxWindowBits = bits }));
        foreach (var bits in asked)
            Assert.True(FrameFor(bits).IsCompressed);

        var smallest = FrameFor(9);
        var largest = FrameFor(15);

        Assert.InRange(largest.Payload.Length, 1, smallest.Payload.Length - 1);
        Assert.All(asked, bits => Assert.Same(bits == 15 ? largest : smallest, FrameFor(bits)));
        using var inflater = new MessageInflater(states, DeflateWire.Apart with { ClientMaxWindowBits = 9 });
        Assert.True(message.Payload.Span.SequenceEqual(DeflateWire.Inflate(inflater, new ReadOnlySequence<byte>(smallest.Payload), room: 512)));
    }

    // Text that repeats what others said, sizes around everything where something changes.
    private static byte[] Payload(Random random, int threshold)
    {
        int[] edges = [0, 1, 125, 126, threshold, 1024, MaxWriteSize - 4, MaxWriteSize];
        var length = random.Next(2) == 0 ? random.Next(3000) : Math.Max(0, edges[random.Next(edges.Length)] + random.Next(-1, 2));
        if (random.Next(8) != 0)
            return Payloads.Words(length, random);

        var noise = new byte[length];
        random.NextBytes(noise);
        return noise;
    }
}
