namespace RawWs.Conformance;

/// <summary>One named thing that a server must get right, and the way to find out.</summary>
public sealed class ConformanceCase
{
    internal ConformanceCase(string group, string name, string title, Clause clause, string expectation, Func<CaseContext, Task> body,
        CaseTraits traits)
    {
        Group = group;
        Id = $"{group}/{name}";
        Title = title;
        RfcSection = clause.Section;
        Expectation = $"{clause.Section}: “{clause.Text}” So: {expectation}";
        Body = body;
        Traits = traits;
    }

    /// <summary>Group and name, for example <c>framing/text-126</c>. Stable between releases.</summary>
    public string Id { get; }

    public string Group { get; }

    /// <summary>What the client does.</summary>
    public string Title { get; }

    public string RfcSection { get; }

    /// <summary>What the RFC says, in its words, and what follows for this case.</summary>
    public string Expectation { get; }

    public CaseTraits Traits { get; }

    internal Func<CaseContext, Task> Body { get; }

    public override string ToString() => Id;
}
