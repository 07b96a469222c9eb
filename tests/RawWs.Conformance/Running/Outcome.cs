namespace RawWs.Conformance;

/// <summary>What a case found out about the server.</summary>
public enum Outcome
{
    /// <summary>The server did what the RFC says.</summary>
    Ok,

    /// <summary>The server broke no MUST, but left out a SHOULD or did it later than it could have.</summary>
    NonStrict,

    /// <summary>The server broke a MUST, or said something false.</summary>
    Failed,

    /// <summary>The server declined what the case needs, as it may.</summary>
    Unimplemented,

    /// <summary>The RFC leaves the matter open; what the server did is recorded.</summary>
    Informational,

    /// <summary>The case was not run, because the options rule it out.</summary>
    Skipped,
}
