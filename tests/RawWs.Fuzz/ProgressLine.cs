using System.Globalization;

namespace RawWs.Fuzz;

/// <summary>A line that tells how far a target is, rewritten while it runs; only the last one if nobody watches.</summary>
internal sealed class ProgressLine : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly FuzzTarget _target;
    private readonly TargetFuzzer _fuzzer;
    private readonly Timer? _timer;

    public ProgressLine(FuzzTarget target, TargetFuzzer fuzzer)
    {
        (_target, _fuzzer) = (target, fuzzer);
        if (!Console.IsOutputRedirected)
            _timer = new Timer(_ => Console.Write($"\r{Describe()}"), null, Interval, Interval);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer?.Dispose();
        Console.WriteLine($"{(_timer is null ? "" : "\r")}{Describe()}");
    }

    private string Describe()
    {
        var summary = _fuzzer.Summary;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{_target.Name,-24} {summary.Executions,10:N0} inputs in {summary.Elapsed.TotalSeconds,6:F1} s, {summary.ExecutionsPerSecond,8:N0}/s, " +
            $"corpus {summary.CorpusSize,4}, {summary.NewBehaviours,4} new behaviours, digest {summary.InputDigest:x16}");
    }
}
