namespace RawWs.Conformance;

/// <summary>What to run, against whom, and how patiently.</summary>
public sealed record ConformanceOptions
{
    /// <summary>The echo server: a ws or wss URI.</summary>
    public required Uri Target { get; init; }

    /// <summary>Run only these cases: ids, beginnings of ids such as <c>utf8</c>, or patterns with <c>*</c>. Empty means all.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    /// <summary>Leave these cases out; the same forms as <see cref="Only"/>, and stronger.</summary>
    public IReadOnlyList<string> Exclude { get; init; } = [];

    /// <summary>How many cases run at the same time. Default 8. Use 1 to measure.</summary>
    public int Parallelism { get; init; } = 8;

    /// <summary>How every send is cut into writes. Default: not at all.</summary>
    public ChopMode Chop { get; init; }

    /// <summary>Where random payloads, masking keys and cuts come from, together with the id of the case.</summary>
    public int Seed { get; init; } = 6455;

    /// <summary>The longest wait for one reaction of the server. Default 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a case of a slow peer waits for the server to lose patience. Default 15 s.</summary>
    public TimeSpan SlowTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long the server has to fail a message that cannot become valid any more, before the rest is sent. Default 1 s.</summary>
    public TimeSpan FailFastTimeout { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The largest message that the server is configured to take, in bytes. Default 16 MiB. Exactness at this limit is tested.</summary>
    public int MaxMessageSize { get; init; } = 16 * 1024 * 1024;

    internal bool Selects(ConformanceCase one) =>
        (Only.Count == 0 || Only.Any(pattern => Matches(pattern, one.Id))) && !Exclude.Any(pattern => Matches(pattern, one.Id));

    private static bool Matches(string pattern, string id) =>
        pattern.Contains('*', StringComparison.Ordinal)
            ? System.IO.Enumeration.FileSystemName.MatchesSimpleExpression(pattern, id)
            : id == pattern || id.StartsWith(pattern.TrimEnd('/') + "/", StringComparison.Ordinal);
}
