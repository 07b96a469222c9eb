namespace RawWs.Host;

/// <summary>Says every second how far a bench is: in one line that changes on a terminal, and otherwise in one line each time.</summary>
/// <param name="output">Where to.</param>
/// <param name="isTerminal">Whether that is a terminal.</param>
/// <param name="time">Whose seconds.</param>
internal sealed class BenchProgress(TextWriter output, bool isTerminal, TimeProvider time)
{
    private const string EraseLine = "\r\e[K";

    /// <summary>Goes on until it is cancelled.</summary>
    public async Task RunAsync(Func<string> describe, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
                await (isTerminal ? output.WriteAsync(EraseLine + describe()) : output.WriteLineAsync(describe()));
        }
        catch (OperationCanceledException)
        {
            if (isTerminal)
                await output.WriteAsync(EraseLine);
        }
    }
}
