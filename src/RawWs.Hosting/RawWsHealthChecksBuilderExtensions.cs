using Microsoft.Extensions.Diagnostics.HealthChecks;
using RawWs;
using RawWs.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Lets the health checks of a host know about its WebSocket server.</summary>
public static class RawWsHealthChecksBuilderExtensions
{
    /// <summary>Adds a check that succeeds while <see cref="WebSocketServer.IsReady"/>: from the start of the server until it begins to stop. For readiness rather than liveness.</summary>
    /// <param name="builder">What it is added to.</param>
    /// <param name="name">Its name.</param>
    /// <param name="failureStatus">What it says when the server is not ready. Default, null: <see cref="HealthStatus.Unhealthy"/>.</param>
    /// <param name="tags">To choose checks by.</param>
    public static IHealthChecksBuilder AddRawWs(
        this IHealthChecksBuilder builder, string name = "rawws", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(name, static provider => new ServerHealthCheck(provider.GetRequiredService<WebSocketServer>()), failureStatus, tags));
    }
}
