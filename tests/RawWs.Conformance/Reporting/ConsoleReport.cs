namespace RawWs.Conformance;

/// <summary>A line of progress while cases run, then a summary per group and a line for every case that is not OK.</summary>
internal sealed class ConsoleReport(int total) : IProgress<CaseResult>
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Outcome, int> _counts = [];
    private int _done;

    public void Report(CaseResult value)
    {
        lock (_lock)
        {
            _done++;
            _counts[value.Outcome] = _counts.GetValueOrDefault(value.Outcome) + 1;

            // A log file wants no progress; a terminal wants it in place.
            if (!Console.IsOutputRedirected)
                Console.Write($"\r{_done}/{total}  {Counts(outcome => _counts.GetValueOrDefault(outcome))}  {value.Id,-50}"[..Math.Min(118,
                    Width())]);
        }
    }

    public static void Summarize(ConformanceReport report)
    {
        if (!Console.IsOutputRedirected)
            Console.Write("\r" + new string(' ', Width()) + "\r");

        Console.WriteLine($"{"group",-24}{"cases",7}{"ok",7}{"non-strict",12}{"failed",8}{"unimpl.",9}{"info",6}{"skipped",9}");
        foreach (var group in report.Results.GroupBy(result => result.Group))
            WriteRow(group.Key, [.. group]);
        WriteRow("all", report.Results);
        Console.WriteLine();

        foreach (var outcome in (Outcome[])[Outcome.Failed, Outcome.NonStrict, Outcome.Unimplemented, Outcome.Informational])
        {
            foreach (var result in report.Results.Where(result => result.Outcome == outcome))
                Console.WriteLine($"{outcome,-14}{result.Id}: {result.Why}");
        }

        Console.WriteLine($"\n{report.Results.Count} cases against {report.Target} in {report.Seconds:0.0} s: {Counts(report.Count)}");
    }

    private static int Width() => Math.Max(20, Console.WindowWidth - 1);

    private static string Counts(Func<Outcome, int> count) =>
        string.Join(", ", Enum.GetValues<Outcome>().Where(outcome => count(outcome) > 0).Select(outcome => $"{count(outcome)} {outcome}"));

    private static void WriteRow(string name, IReadOnlyList<CaseResult> results)
    {
        int Count(Outcome outcome) => results.Count(result => result.Outcome == outcome);
        Console.WriteLine(
            $"{name,-24}{results.Count,7}{Count(Outcome.Ok),7}{Count(Outcome.NonStrict),12}{Count(Outcome.Failed),8}"
            + $"{Count(Outcome.Unimplemented),9}{Count(Outcome.Informational),6}{Count(Outcome.Skipped),9}");
    }
}
