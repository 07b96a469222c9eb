using System.Net.WebSockets;

namespace RawWs.Host.Tests.Scenarios;

/// <summary>Certificates that are replaced while everybody goes on.</summary>
public sealed class CertificateUnderLoadTests
{
    private const int ClientCount = 20, ComerCount = 2, ReplacementCount = 3;
    private const string Failed = "rawws_tls_reloads_total{rawws_outcome=\"failed\"}";

    [Fact]
    public async Task Nobody_is_dropped_by_new_certificates_nor_by_a_broken_one_and_newcomers_are_shown_the_newest()
    {
        await using var server = await ScenarioServer.StartAsync(isTls: true);
        using var ending = new CancellationTokenSource();
        using var comersEnding = new CancellationTokenSource();
        var echoing = Enumerable.Range(0, ClientCount).Select(_ => Task.Run(() => EchoAsync(server, ending.Token))).ToArray();
        try
        {
            await server.WaitForMetricAsync("rawws_connections_active", ClientCount);
            Assert.Equal("CN=first", await ShownSubjectAsync(server));
            var coming = Enumerable.Range(0, ComerCount).Select(_ => Task.Run(() => ComeAndGoAsync(server, comersEnding.Token))).ToArray();
            for (var number = 1; number <= ReplacementCount; number++)
            {
                // What is broken is told, and what was there before stays.
                var before = await server.ReadMetricsAsync();
                server.BreakCertificate();
                await server.WaitForMetricAsync(Failed, count => count > before.GetValueOrDefault(Failed));
                Assert.Equal(number == 1 ? "CN=first" : $"CN=replacement {number - 1}", await ShownSubjectAsync(server));

                server.ReplaceCertificate($"replacement {number}");
                while (await ShownSubjectAsync(server) != $"CN=replacement {number}")
                    await Task.Delay(TimeSpan.FromMilliseconds(100), server.Rawws.Deadline);

                using var newcomer = await server.OpenEchoAsync();
                await newcomer.AssertEchoAsync("hello", server.Rawws.Deadline);
                await newcomer.CloseAsync(WebSocketCloseStatus.NormalClosure, null, server.Rawws.Deadline);
            }

            await comersEnding.CancelAsync();
            Assert.All(await Task.WhenAll(coming), count => Assert.NotEqual(0, count));
            await server.WaitForMetricAsync("rawws_connections_active", ClientCount);
        }
        finally
        {
            await comersEnding.CancelAsync();
            await ending.CancelAsync();
        }

        Assert.All(await Task.WhenAll(echoing), count => Assert.NotEqual(0, count));
    }

    // One handshake after the other, whatever certificate there is: whoever is refused fails.
    private static async Task<int> ComeAndGoAsync(ScenarioServer server, CancellationToken ending)
    {
        var count = 0;
        for (; !ending.IsCancellationRequested; count++)
        {
            using var client = await server.OpenEchoAsync();
            await client.AssertEchoAsync($"{count}", server.Rawws.Deadline);
            await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, server.Rawws.Deadline);
        }

        return count;
    }

    // One connection from the beginning to the end: whoever is dropped fails.
    private static async Task<int> EchoAsync(ScenarioServer server, CancellationToken ending)
    {
        using var client = await server.OpenEchoAsync();
        var count = 0;
        while (!ending.IsCancellationRequested)
            await client.AssertEchoAsync($"{count++}", server.Rawws.Deadline);

        await client.CloseAsync(WebSocketCloseStatus.NormalClosure, null, server.Rawws.Deadline);
        return count;
    }

    private static async Task<string> ShownSubjectAsync(ScenarioServer server)
    {
        await using var client = await server.ConnectTlsAsync();
        return client.Stream.RemoteCertificate!.Subject; // A server without one does not get that far.
    }
}
