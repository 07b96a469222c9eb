using System.Net;
using RawWs.Redis;

namespace RawWs.Host;

/// <summary>What is asked by whoever looks after the server: whether it lives, whether it takes clients, and what it has measured.</summary>
/// <param name="server">The server.</param>
/// <param name="metrics">What it has measured.</param>
/// <param name="redis">What shares its rooms; null if nothing does.</param>
internal sealed class StatusRoutes(WebSocketServer server, MetricsCollector metrics, RedisRoomBackplane? redis)
{
    /// <summary>200 as long as the process answers at all.</summary>
    public const string HealthPath = "/healthz";

    /// <summary>200 if new connections are welcome, else 503.</summary>
    public const string ReadinessPath = "/readyz";

    /// <summary>All metrics in the text format of Prometheus.</summary>
    public const string MetricsPath = "/metrics";

    // Nobody answers for a server that might have changed since.
    private static readonly ResponseHeaders NotKept = new() { { "Cache-Control", "no-store" } };

    // Said, and no reason to send nobody here any more: whoever is on this node goes on talking, and on the others it is no better.
    private string RedisLine => redis is null ? "" : redis.IsConnected ? "redis: connected\n" : "redis: not connected\n";

    public void Map()
    {
        server.MapGet(HealthPath, (_, _) => new(HttpResponse.Text("healthy\n", headers: NotKept)));
        server.MapGet(ReadinessPath, (_, _) => new(server.IsReady
            ? HttpResponse.Text($"ready\n{RedisLine}", headers: NotKept)
            : HttpResponse.Text("not ready\n", status: HttpStatusCode.ServiceUnavailable, headers: NotKept)));
        server.MapGet(MetricsPath, (_, _) => new(HttpResponse.Text(metrics.Write(), MetricsCollector.ContentType, headers: NotKept)));
    }
}
