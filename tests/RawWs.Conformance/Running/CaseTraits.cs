namespace RawWs.Conformance;

/// <summary>What the runner must know about a case before it runs it.</summary>
[Flags]
public enum CaseTraits
{
    None = 0,

    /// <summary>Sends too much to be sent byte by byte: skipped with <see cref="ChopMode.OneByte"/>.</summary>
    Bulky = 1,

    /// <summary>Waits for the server to lose patience: takes up to <see cref="ConformanceOptions.SlowTimeout"/> by nature.</summary>
    Slow = 2,

    /// <summary>Cuts its writes itself, so that <see cref="ConformanceOptions.Chop"/> does not apply.</summary>
    OwnWrites = 4,
}
