namespace RawWs.Conformance.Tests;

/// <summary>Runs cases and holds what they found against what is allowed: nothing failed, nothing non-strict, and unimplemented only what is on a list.</summary>
internal static class Verdicts
{
    private static readonly ConformanceOptions Anywhere = new() { Target = new Uri("ws://localhost") };

    /// <summary>The groups, in the order of the report.</summary>
    public static IReadOnlyList<string> Groups { get; } = [.. ConformanceRunner.Select(Anywhere).Select(one => one.Group).Distinct()];

    /// <summary>Runs the cases that <paramref name="options"/> select.</summary>
    /// <param name="options">What to run.</param>
    /// <param name="unimplemented">Patterns of the cases whose outcome is "unimplemented", no more and no fewer; for what reason, their owner says.</param>
    /// <returns>All results.</returns>
    public static async Task<IReadOnlyList<CaseResult>> RequireAsync(ConformanceOptions options, IReadOnlyList<string> unimplemented)
    {
        // Judged by the clock, which decides no test here; that a request head is read in linear time is held by counting, where it is parsed.
        var report = await ConformanceRunner.RunAsync(options with { Exclude = [.. options.Exclude, "http/linear-time-*"] });
        Assert.NotEmpty(report.Results);

        string[] wrong =
        [
            .. report.Results.Where(result => result.Outcome is Outcome.Failed or Outcome.NonStrict)
                .Select(result => $"{result.Id} {result.Outcome}: {result.Why}"),
            .. report.Results.Where(result => result.Outcome == Outcome.Unimplemented && !IsListed(result.Id))
                .Select(result => $"{result.Id} is unimplemented, and not on the list: {result.Why}"),
            .. report.Results.Where(result => result.Outcome != Outcome.Unimplemented && IsListed(result.Id))
                .Select(result => $"{result.Id} is {result.Outcome}, and on the list of what is unimplemented: take it off"),
        ];
        Assert.True(wrong.Length == 0, $"{wrong.Length} of {report.Results.Count}:\n{string.Join('\n', wrong)}");
        return report.Results;

        bool IsListed(string id) => unimplemented.Any(pattern => System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, id));
    }
}
