namespace RawWs.Conformance;

/// <summary>What one case found, and the wire traffic that shows it.</summary>
public sealed record CaseResult
{
    private const int MaxWhyLength = 200;

    public required string Id { get; init; }

    public required string Group { get; init; }

    public required string Title { get; init; }

    public required string RfcSection { get; init; }

    public required string Expectation { get; init; }

    /// <summary>The worse of <see cref="Behaviour"/> and <see cref="Closing"/>.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>What the server did until it, or we, began to close.</summary>
    public required Outcome Behaviour { get; init; }

    /// <summary>How the connections of the case ended: close frame, code, and who closed TCP first.</summary>
    public required Outcome Closing { get; init; }

    /// <summary>One line on why the outcome is not OK, or what is worth knowing although it is.</summary>
    public required string Detail { get; init; }

    public required string ClosingDetail { get; init; }

    /// <summary>Why the outcome is what it is, in one line.</summary>
    public string Why
    {
        get
        {
            string[] details = Closing == Outcome.Ok ? [Detail] : [Detail, ClosingDetail];
            var why = string.Join("; ", details.Where(text => text.Length > 0)).ReplaceLineEndings(" ");
            return why.Length > MaxWhyLength ? why[..MaxWhyLength] + "…" : why;
        }
    }

    public required double Milliseconds { get; init; }

    public required IReadOnlyList<WireEntry> Wire { get; init; }
}
