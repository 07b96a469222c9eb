using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace RawWs.Hosting;

/// <summary>
/// Starts the server with the host, and drains it before any other service of the host stops: sessions use those services, and a server around this one, such as Kestrel,
/// waits for connections that are closed here.
/// </summary>
internal sealed class WebSocketServerService(WebSocketServer server, IOptions<WebSocketServerOptions> options, IOptions<DrainSettings> drain) : IHostedLifecycleService
{
    // Here and not when it is needed: a wrong setting is to fail the start, and not the stop.
    private readonly DrainOptions _drain = drain.Value.Options;

    // Where the server logs.
    private readonly ILogger _logger = options.Value.LoggerFactory.CreateLogger<WebSocketServerService>();

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await server.StartAsync().ConfigureAwait(false);
        foreach (var endPoint in server.EndPoints)
            HostingLog.Listening(_logger, endPoint);
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => server.StopAsync(_drain, cancellationToken);

    // For whoever runs hosted services without their life cycle; otherwise it has been done.
    public Task StopAsync(CancellationToken cancellationToken) => server.StopAsync(_drain, cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
