namespace RawWs.Host;

/// <summary>An option whose values may hold something that is not to be shown.</summary>
internal interface IRedacting
{
    /// <summary>A value as people may see it; null if they may see all of it.</summary>
    Func<string, string>? Shown { get; }
}
