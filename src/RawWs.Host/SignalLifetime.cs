using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace RawWs.Host;

/// <summary>
/// Ctrl+C and SIGTERM stop the host in good order; a second one ends the process at once, which the host's own lifetime would not allow.
/// </summary>
internal sealed class SignalLifetime(IHostApplicationLifetime application) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations = [];
    private bool _isStopping;

    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGINT, PosixSignal.SIGTERM])
            _registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private void OnSignal(PosixSignalContext context)
    {
        // What is not cancelled goes its usual way: the system ends the process.
        if (Interlocked.Exchange(ref _isStopping, true))
            return;

        context.Cancel = true;
        application.StopApplication();
    }
}
