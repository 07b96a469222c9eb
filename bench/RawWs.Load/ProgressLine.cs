using System.Diagnostics;

namespace RawWs.Load;

/// <summary>Says every few seconds how far things are.</summary>
internal static class ProgressLine
{
    private const double UsualSeconds = 5;

    public static async Task RunAsync(Func<TimeSpan, string> describe, CancellationToken cancellationToken, double seconds = UsualSeconds)
    {
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(seconds));
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
