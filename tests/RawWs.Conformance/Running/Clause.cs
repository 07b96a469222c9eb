namespace RawWs.Conformance;

/// <summary>One sentence of an RFC that a case holds a server to.</summary>
/// <param name="Section">Where it stands, for example "RFC 6455 §5.2".</param>
/// <param name="Text">The sentence, quoted.</param>
public sealed record Clause(string Section, string Text);
