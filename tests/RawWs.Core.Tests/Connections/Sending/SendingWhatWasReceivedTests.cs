using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using RawWs.Testing;
using RawWs.Tests.Transport;

namespace RawWs.Tests.Connections;

/// <summary>A large message is sent from where it was received, with its header written over that of the client, and stays what it is.</summary>
public sealed class SendingWhatWasReceivedTests
{
    // Once much has come, a connection receives into larger pieces of memory, and only then a large message lies in one.
    [Theory]
    [InlineData(4_097, 0x82)]
    [InlineData(16_384, 0x81)]
    [InlineData(30_000, 0x82)]
    public async Task What_lies_in_one_piece_is_sent_in_one(int length, byte first)
    {
        var headers = new ConcurrentQueue<byte[]>();
        await using var server = await StartServerAsync(async (connection, cancellationToken) =>
        {
            await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
            {
                await connection.SendAsync(message);
                if (message.Payload.IsSingleSegment && MemoryMarshal.TryGetArray(message.Payload.First, out var part) && part.Offset >= 8)
                    headers.Enqueue(part.Array![(part.Offset - 4)..part.Offset]);
            }
        });
        await using var client = await server.OpenAsync();
        await client.SendAsync(WireFrame.Masked(0x82, new byte[100_000]));
        Assert.Equal(100_000, (await client.ReadFrameAsync()).Payload.Length);

        while (headers.IsEmpty)
        {
            var payload = Filled(length, 'x');
            await client.SendAsync(WireFrame.Masked(first, payload));
            await AssertNextAsync(client, first, payload);
        }

        Assert.All(headers, header => Assert.Equal([first, 126, (byte)(length >> 8), (byte)length], header));
    }

    [Theory]
    [InlineData(4_000)]
    [InlineData(16_384)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(200_000)]
    public async Task It_can_be_sent_to_several_and_again(int length)
    {
        var connections = new ConcurrentBag<WebSocketConnection>();
        await using var server = await StartServerAsync(async (connection, cancellationToken) =>
        {
            connections.Add(connection);
            await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
            {
                var before = message.ToArray();
                await Task.WhenAll(connections.Select(receiver => Task.Run(() => receiver.SendAsync(message).AsTask(), cancellationToken)));
                await connection.SendAsync(message, cancellationToken);
                await connection.SendAsync("behind it", cancellationToken);
                Assert.Equal(before, message.ToArray());
            }
        });
        await using var sender = await server.OpenAsync();
        await using var reader1 = await server.OpenAsync();
        await using var reader2 = await server.OpenAsync();
        await Eventually.HoldsAsync(() => connections.Count == 3);

        for (var round = 0; round < 20; round++)
        {
            var (text, binary) = (Filled(length, (char)('a' + round)), Filled(length + 1, (char)('A' + round)));
            await sender.SendAsync([.. WireFrame.Masked(0x81, text), .. WireFrame.Masked(0x82, binary)]);
            foreach (var (first, payload) in new[] { ((byte)0x81, text), ((byte)0x82, binary) })
            {
                foreach (var reader in new[] { sender, sender, reader1, reader2 })
                    await AssertNextAsync(reader, first, payload);

                await AssertNextAsync(sender, 0x81, "behind it"u8.ToArray());
            }
        }

        Assert.Empty(server.Log.AboveDebug);
    }

    private static Task<LoopbackServer> StartServerAsync(Func<WebSocketConnection, CancellationToken, Task> session)
        => LoopbackServer.StartAsync(session, options => options.Transport = LoopbackTests.NewEventLoop());

    private static byte[] Filled(int length, char character)
    {
        var payload = new byte[length];
        payload.AsSpan().Fill((byte)character);
        return payload;
    }

    private static async Task AssertNextAsync(WireClient client, byte first, byte[] payload)
    {
        var frame = await client.ReadFrameAsync();
        Assert.Equal(first, frame.First);
        Assert.True(payload.AsSpan().SequenceEqual(frame.Payload));
    }
}
