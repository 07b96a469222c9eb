namespace RawWs.Host;

/// <summary>What applies where nothing is said.</summary>
internal interface IDefaulting
{
    /// <summary>The default, in the words of the option's description; null if there is none.</summary>
    string? Default { get; }
}
