namespace RawWs.Conformance;

/// <summary>Everything that one run found.</summary>
public sealed record ConformanceReport
{
    public required string Target { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required double Seconds { get; init; }

    public required ChopMode Chop { get; init; }

    public required int Seed { get; init; }

    public required int MaxMessageSize { get; init; }

    public required IReadOnlyList<CaseResult> Results { get; init; }

    /// <summary>Whether no case failed; with <paramref name="strict"/>, whether none was non-strict either.</summary>
    public bool Passed(bool strict = false) =>
        Results.All(result => result.Outcome != Outcome.Failed && !(strict && result.Outcome == Outcome.NonStrict));

    public int Count(Outcome outcome) => Results.Count(result => result.Outcome == outcome);
}
