using System.Net;
using System.Text.RegularExpressions;
using RawWs.Redis.Tests.Servers;

namespace RawWs.Proxy.Tests.Cluster;

/// <summary>Two <c>rawws --socketio</c> that share a Redis, behind one proxy: all of them processes.</summary>
internal sealed partial class ProxiedCluster : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    private readonly Stickiness _stickiness;
    private readonly IPEndPoint _front = LoopbackAddresses.FindFree(LoopbackAddresses.Next());
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rawws-proxy-");
    private readonly List<RawwsProcess> _nodes = [];
    private RedisRig? _redis;
    private ProxyProcess? _proxy;

    private ProxiedCluster(Stickiness stickiness) => _stickiness = stickiness;

    /// <summary>Where the proxy listens.</summary>
    public Uri Url => new($"http://{_front}/");

    /// <summary>Whether clients have to keep a cookie.</summary>
    public bool NeedsCookies => _stickiness is Stickiness.NginxCookie or Stickiness.HAProxyCookie;

    /// <summary>Ends when the test has hung.</summary>
    public CancellationToken Deadline => _nodes[0].Deadline;

    private bool IsNginx => _stickiness is Stickiness.NginxAddress or Stickiness.NginxCookie;

    /// <summary>Starts all of them; skips the test where there is no such proxy, or no Redis.</summary>
    public static async Task<ProxiedCluster> StartAsync(Stickiness stickiness)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere a machine has one loopback address only.");
        var cluster = new ProxiedCluster(stickiness);
        try
        {
            var name = cluster.IsNginx ? "nginx" : "haproxy";
            var program = ProxyProcess.Find(name);
            Assert.SkipWhen(program is null, $"There is no {name} here: apt-get install {name}");
            cluster._redis = await RedisRig.StartAsync();
            for (var node = 0; node < 2; node++)
            {
                cluster._nodes.Add(await RawwsProcess.StartAsync(
                    "--host", $"{LoopbackAddresses.Next()}", "--port", "0", "--trust-proxy", "127.0.0.1", "--socketio", "--redis", cluster._redis.Network.Address));
            }

            cluster._proxy = await ProxyProcess.StartAsync(program, cluster._front, cluster.ProxyArguments());
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until there are so many Socket.IO clients, and says how many are on each node.</summary>
    public async Task<int[]> CountAsync(int total)
    {
        while (true)
        {
            var counts = new int[_nodes.Count];
            for (var node = 0; node < counts.Length; node++)
                counts[node] = await CountAsync(_nodes[node]);

            if (counts.Sum() == total)
                return counts;

            await Task.Delay(Interval, Deadline);
        }
    }

    /// <summary>Ends a node.</summary>
    /// <param name="node">Its place.</param>
    /// <param name="signal">KILL: without a word. TERM: in good order.</param>
    public async Task EndAsync(int node, string signal)
    {
        await _nodes[node].SignalAsync(signal);
        await _nodes[node].WaitForEndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var started in (IAsyncDisposable?[])[_proxy, .. _nodes, _redis])
        {
            if (started is not null)
                await started.DisposeAsync();
        }

        _folder.Delete(recursive: true);
    }

    private async Task<int> CountAsync(RawwsProcess node)
    {
        using var http = new HttpClient();
        var metrics = await http.GetStringAsync(new UriBuilder(node.Url) { Scheme = "http", Path = "/metrics" }.Uri, Deadline);
        return SocketCount().Match(metrics) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan) : 0;
    }

    private string[] ProxyArguments()
    {
        var path = Configuration()
            .With("127.0.0.1:3000", $"{BackOf(_nodes[0])}")
            .With("127.0.0.1:3001", $"{BackOf(_nodes[1])}")
            .WriteTo(_folder.FullName);
        return ProxyProcess.ArgumentsFor(path, IsNginx, _folder.FullName);
    }

    private ProxyConfiguration Configuration() => _stickiness switch
    {
        Stickiness.NginxAddress => ProxyConfiguration.ForNginx("nginx-cluster.conf", _folder.FullName).With("listen 80;", $"listen {_front};"),
        Stickiness.NginxCookie => ProxyConfiguration.ForNginx("nginx-cluster-cookie.conf", _folder.FullName).With("listen 80;", $"listen {_front};"),
        Stickiness.HAProxyCookie => ProxyConfiguration.ForHAProxy("haproxy-cluster.cfg").With("bind :80", $"bind {_front}"),
        _ => ProxyConfiguration.ForHAProxy("haproxy-cluster.cfg")
            .With("bind :80", $"bind {_front}")
            .With("balance leastconn", "balance source\n    hash-type consistent")
            .With("    cookie rawws_route insert", "    # cookie rawws_route insert"),
    };

    private static IPEndPoint BackOf(RawwsProcess node) => new(IPAddress.Parse(node.Url.Host), node.Url.Port);

    [GeneratedRegex(@"^rawws_socketio_sockets (\d+)$", RegexOptions.Multiline)]
    private static partial Regex SocketCount();
}
