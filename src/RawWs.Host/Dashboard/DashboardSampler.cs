using System.Runtime.InteropServices;
using System.Security.Cryptography;
using RawWs.Transport;

namespace RawWs.Host;

/// <summary>Looks how a server is: at what <see cref="MetricsCollector"/> has collected anyway, and at its rooms.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="server">The server.</param>
/// <param name="metrics">What it has measured.</param>
/// <param name="options">How it was started.</param>
/// <param name="clock">When.</param>
internal sealed class DashboardSampler(WebSocketServer server, MetricsCollector metrics, HostOptions options, TimeProvider clock)
{
    /// <summary>How many rooms are named.</summary>
    public const int MaxRoomCount = 20;

    private const string RoundTrips = "rawws.ping.round_trip";

    private readonly DateTimeOffset _startedAt = clock.GetUtcNow();

    /// <summary>What does not change.</summary>
    public DashboardHost Describe() => new(
        RandomNumberGenerator.GetHexString(16, lowercase: true),
        Greeting.Version,
        (options.Transport ?? (EventLoopTransport.IsSupported ? TransportKind.EventLoop : TransportKind.Sockets)).ToString().ToLowerInvariant(),
        IsSecure: options.Tls is not null,
        _startedAt.ToUnixTimeMilliseconds(),
        RuntimeInformation.FrameworkDescription,
        RuntimeInformation.OSDescription,
        Environment.ProcessorCount,
        HistogramBounds.For("s"));

    /// <param name="watching">How many want to know.</param>
    public SampleEvent Take(int watching)
    {
        var readings = metrics.Read();
        return new SampleEvent(
            DashboardColumns.Read(readings, clock.GetUtcNow()),
            watching,
            readings.Buckets(RoundTrips),
            readings.By("rawws.messages.dropped", "rawws.drop.reason"),
            readings.By("rawws.refusals", "rawws.reason"),
            readings.By("rawws.handshakes", "http.response.status_code"),
            readings.By("rawws.tls.failures", "rawws.reason"),
            readings.By("rawws.accept.errors", "error.type"),
            [.. readings.Of("rawws.connections.closed").Select(CloseCountOf).OrderByDescending(close => close.Count)],
            [.. server.Rooms.Largest(MaxRoomCount).Select(room => new RoomCount(room.Name, room.Count, room.MessageCount))]);
    }

    private static CloseCount CloseCountOf(MetricReading reading)
        => new(reading.TagOf("rawws.close.initiator"), reading.TagOf("rawws.close.code.sent"), reading.TagOf("rawws.close.code.received"), reading.Value);
}
