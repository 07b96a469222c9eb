namespace RawWs.Conformance;

/// <summary>How the client cuts what it sends into writes.</summary>
public enum ChopMode
{
    /// <summary>One write for one send.</summary>
    None,

    /// <summary>Every byte is a write of its own.</summary>
    OneByte,

    /// <summary>Writes of random sizes, from the seed in <see cref="ConformanceOptions.Seed"/>.</summary>
    Random,
}
