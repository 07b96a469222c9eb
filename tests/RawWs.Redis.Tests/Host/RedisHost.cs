using RawWs.Redis.Tests.Servers;
using RawwsProcess = RawWs.Host.Tests.RawwsProcess;

namespace RawWs.Redis.Tests.Host;

/// <summary>Processes of <c>rawws</c> that share their rooms through a Redis of their own.</summary>
internal static class RedisHost
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>Starts one, and waits until it hears others.</summary>
    public static async Task<RawwsProcess> StartAsync(RedisRig rig, string mode)
    {
        var rawws = await RawwsProcess.StartAsync("--port", "0", "--redis", rig.Network.Address, "--redis-mode", mode);
        await WaitForConnectionAsync(rawws);
        return rawws;
    }

    /// <summary>Waits until hosts are connected to Redis.</summary>
    public static async Task WaitForConnectionAsync(params RawwsProcess[] hosts)
    {
        foreach (var host in hosts)
            await ReadyAsync(host, "ready\nredis: connected\n");
    }

    /// <summary>Waits until hosts have noticed that they are not connected to Redis any more.</summary>
    public static async Task WaitForLossAsync(params RawwsProcess[] hosts)
    {
        foreach (var host in hosts)
        {
            // Both connections: one that does not know yet that it is lost would count as one that is back.
            await MetricAsync(host, "rawws_redis_connections 0");
            await ReadyAsync(host, "ready\nredis: not connected\n");
        }
    }

    /// <returns>All metrics, when this one is among them.</returns>
    public static async Task<string> MetricAsync(RawwsProcess rawws, string expected)
    {
        using var http = HttpOf(rawws);
        while (true)
        {
            var metrics = await http.GetStringAsync(new Uri("/metrics", UriKind.Relative), rawws.Deadline);
            if (metrics.Contains($"\n{expected}\n", StringComparison.Ordinal))
                return metrics;

            await Task.Delay(Interval, rawws.Deadline);
        }
    }

    private static async Task ReadyAsync(RawwsProcess rawws, string expected)
    {
        using var http = HttpOf(rawws);
        while (await http.GetStringAsync(new Uri("/readyz", UriKind.Relative), rawws.Deadline) != expected)
            await Task.Delay(Interval, rawws.Deadline);
    }

    private static HttpClient HttpOf(RawwsProcess rawws) => new() { BaseAddress = new UriBuilder(rawws.Url) { Scheme = "http" }.Uri };
}
