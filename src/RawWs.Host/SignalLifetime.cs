using Microsoft.Extensions.Hosting;

namespace RawWs.Host;

/// <summary>
/// Ctrl+C and SIGTERM stop the host in good order; a second one ends the process at once, which the host's own lifetime would not allow.
/// </summary>
internal sealed class SignalLifetime(IHostApplicationLifetime application) : IHostLifetime, IDisposable
{
    private StopSignals? _signals;

    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        _signals = new StopSignals(application.StopApplication);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _signals?.Dispose();
}
