using System.Diagnostics;

namespace RawWs.Load;

/// <summary>Says every few seconds how far things are.</summary>
internal static class ProgressLine
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(Func<TimeSpan, string> describe, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken))
                Console.WriteLine($"{clock.Elapsed:hh\\:mm\\:ss} {describe(clock.Elapsed)}");
        }
        catch (OperationCanceledException)
        {
            // There is nothing more to say.
        }
    }
}
