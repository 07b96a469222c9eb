using System.Text;
using RawWs.Testing;

namespace RawWs.Host.Tests.Scenarios;

/// <summary>Headers of the PROXY protocol that are none, beside clients whose proxy behaves.</summary>
public sealed class HostileProxyHeadersTests
{
    private const int RequestCount = 300, AtOnceCount = 50, EchoCount = 4;
    private const string Good = "PROXY TCP4 192.0.2.1 192.0.2.2 40000 443\r\n";
    private const string Signature = "\r\n\r\n\0\r\nQUIT\n";

    private static readonly string[] Bad =
    [
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 40000 65536\r\n",
        "PROXY TCP4 192.0.2.1 2001:db8::1 40000 443\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 40000\r\n",
        "PROXY TCP4 192.0.2.01 192.0.2.2 40000 443\r\n",
        "PROXY TCP4 192.0.2.1 192.0.2.2 40000 443\n\n",
        "PROXY UNKNOWN " + new string('x', 200),
        "proxy tcp4 192.0.2.1 192.0.2.2 40000 443\r\n",
        Signature + "\x11\x11\0\x0c",
        Signature + "\x2f\x11\0\x0c" + new string('\x01', 12),
        Signature + "\x21\x11\0\x04" + new string('\x01', 4),
        Signature + "\x21\x11\xff\xff" + new string('\x01', 12),
        "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
    ];

    [Fact]
    public async Task Whoever_begins_with_a_header_that_is_none_is_dropped_and_the_others_notice_nothing()
    {
        await using var server = await ScenarioServer.StartAsync(isTls: false, "--proxy-protocol", "--trust-proxy", "loopback");
        using var ending = new CancellationTokenSource();
        var opened = Enumerable.Range(0, EchoCount).Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        var echoing = opened.Select(open => Task.Run(() => EchoAsync(server, open, ending.Token))).ToArray();
        try
        {
            await Task.WhenAll(opened.Select(open => open.Task)).WaitAsync(server.Rawws.Deadline);
            await Parallel.ForAsync(0, RequestCount, new ParallelOptions { MaxDegreeOfParallelism = AtOnceCount }, async (number, _) =>
            {
                await using var client = await server.ConnectPlainAsync();
                await client.SendAsync(Bad[number % Bad.Length]);
                Assert.Equal((number % Bad.Length, ""), (number % Bad.Length, await ReadUntilDroppedAsync(client)));
            });

            // A client may see its end before the server has counted it.
            string metrics;
            do
            {
                server.Rawws.Deadline.ThrowIfCancellationRequested();
                metrics = await ReadMetricsAsync(server);
            }
            while (!metrics.Contains($"\nrawws_proxy_protocol_failures_total{{rawws_reason=\"malformed\"}} {RequestCount}\n", StringComparison.Ordinal));

            Assert.Contains($"\nrawws_connections_active {EchoCount}\n", metrics, StringComparison.Ordinal);
        }
        finally
        {
            await ending.CancelAsync();
        }

        Assert.All(await Task.WhenAll(echoing), count => Assert.NotEqual(0, count));
    }

    private static async Task<int> EchoAsync(ScenarioServer server, TaskCompletionSource opened, CancellationToken ending)
    {
        await using var client = await server.ConnectPlainAsync();
        await client.SendAsync(Good);
        await client.OpenAsync();
        opened.SetResult();
        var count = 0;
        for (; !ending.IsCancellationRequested; count++)
        {
            await client.SendAsync(WireFrame.MaskedText($"{count}"));
            Assert.Equal($"{count}", (await client.ReadFrameAsync()).Text);
        }

        return count;
    }

    private static async Task<string> ReadMetricsAsync(ScenarioServer server)
    {
        await using var client = await server.ConnectPlainAsync();
        await client.SendAsync(Good + "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        return (await client.ReadResponseAsync()).Text;
    }

    // What it is answered before it is dropped, which is a reset mostly.
    private static async Task<string> ReadUntilDroppedAsync(WireClient client)
    {
        try
        {
            return Encoding.Latin1.GetString(await client.ReadToEndAsync());
        }
        catch (IOException)
        {
            return "";
        }
    }
}
