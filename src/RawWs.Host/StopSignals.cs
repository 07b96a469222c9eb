using System.Runtime.InteropServices;

namespace RawWs.Host;

/// <summary>Ctrl+C and SIGTERM, of which the first asks the program to stop in good order; a second one ends the process at once.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations = [];
    private readonly Action _stop;
    private bool _isStopping;

    /// <param name="stop">Is called once, on a thread of the runtime's.</param>
    public StopSignals(Action stop)
    {
        _stop = stop;
        foreach (var signal in (ReadOnlySpan<PosixSignal>)[PosixSignal.SIGINT, PosixSignal.SIGTERM])
            _registrations.Add(PosixSignalRegistration.Create(signal, OnSignal));
    }

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
        _stop();
    }
}
