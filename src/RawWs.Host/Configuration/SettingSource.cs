namespace RawWs.Host;

/// <summary>Who says what applies; whoever comes later in this list wins.</summary>
internal enum SettingSource
{
    /// <summary>Nobody.</summary>
    Default,

    /// <summary>The file that <c>--config</c> names.</summary>
    File,

    /// <summary>A variable.</summary>
    Environment,

    /// <summary>The command line.</summary>
    Flag,
}
