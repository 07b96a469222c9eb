namespace RawWs.Host;

/// <summary>Says every second how far a bench is: in one line that changes on a terminal, and otherwise in one line each time.</summary>
/// <param name="output">Where to.</param>
/// <param name="isTerminal">Whether that is a terminal.</param>
internal sealed class BenchProgress(TextWriter output, bool isTerminal)
{
    private const string EraseLine = "\r\e[K";

    /// <summary>Goes on until it is cancelled.</summary>
    public async Task RunAsync(Func<string> describe, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), TimeProvider.System);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
                await output.WriteAsync(isTerminal ? EraseLine + describe() : describe() + Environment.NewLine);
        }
        catch (OperationCanceledException)
        {
            if (isTerminal)
                await output.WriteAsync(EraseLine);
        }
    }
}
