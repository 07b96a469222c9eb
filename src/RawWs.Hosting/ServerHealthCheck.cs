using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace RawWs.Hosting;

/// <summary>Healthy while new connections are welcome: from the start of the server until it begins to stop.</summary>
internal sealed class ServerHealthCheck(WebSocketServer server) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var data = new Dictionary<string, object> { ["connections"] = server.ConnectionCount };
        return Task.FromResult(server.IsReady
            ? HealthCheckResult.Healthy("The server accepts connections.", data)
            : new HealthCheckResult(context.Registration.FailureStatus, "The server has not been started, or is stopping.", exception: null, data));
    }
}
