using System.Net.WebSockets;
using RawWs.Conformance;
using RawWs.Testing;

namespace RawWs.Tests.Compression;

/// <summary>The runtime's client over loopback, in all ways of compression that it knows.</summary>
public class ClientWebSocketTests
{
    public static TheoryData<bool, bool, int, int> Offers
    {
        get
        {
            var offers = new TheoryData<bool, bool, int, int>();
            foreach (var (server, client) in ((bool, bool)[])[(true, true), (true, false), (false, true), (false, false)])
            {
                for (var bits = 9; bits <= 15; bits++)
                    offers.Add(server, client, bits, 24 - bits);
            }

            return offers;
        }
    }

    [Theory]
    [MemberData(nameof(Offers))]
    public async Task Messages_of_all_kinds_come_back(bool serverTakeover, bool clientTakeover, int serverBits, int clientBits)
    {
        foreach (var mode in new[] { CompressionMode.Shared, CompressionMode.Dedicated })
        {
            await using var server = await LoopbackServer.StartAsync(configure: options => (options.Compression, options.CompressionThreshold) = (mode, 16));
            using var client = new ClientWebSocket();
            client.Options.DangerousDeflateOptions = new WebSocketDeflateOptions
            {
                ServerContextTakeover = serverTakeover,
                ClientContextTakeover = clientTakeover,
                ServerMaxWindowBits = serverBits,
                ClientMaxWindowBits = clientBits,
            };
            client.Options.CollectHttpResponseDetails = true;
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            await client.ConnectAsync(server.Uri, timeout.Token);
            Assert.Contains("permessage-deflate", string.Join(",", client.HttpResponseHeaders!["Sec-WebSocket-Extensions"]), StringComparison.Ordinal);

            foreach (var message in Messages())
            {
                await client.SendAsync(message.AsMemory(), WebSocketMessageType.Binary, endOfMessage: true, timeout.Token);
                Assert.Equal(message, await ReceiveAsync(client, timeout.Token));
            }

            await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, timeout.Token);
            Assert.Equal(WebSocketCloseStatus.NormalClosure, client.CloseStatus);
            Assert.Empty(server.Log.AboveDebug);
        }
    }

    private static IEnumerable<byte[]> Messages()
    {
        var random = new Random(9);
        var noise = new byte[20_000];
        random.NextBytes(noise);
        var words = Payloads.Words(40_000, random);
        return [words[..100], [], words, noise, words, [1], noise, words[20_000..], new byte[300_000], words[..100]];
    }

    private static async Task<byte[]> ReceiveAsync(ClientWebSocket client, CancellationToken cancellationToken)
    {
        var (message, buffer) = (new List<byte>(), new byte[10_000]);
        ValueWebSocketReceiveResult result;
        do
        {
            result = await client.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            message.AddRange(buffer.AsSpan(0, result.Count));
        }
        while (!result.EndOfMessage);

        return [.. message];
    }
}
