namespace RawWs.Host;

/// <summary>How something is written.</summary>
internal enum OutputFormat
{
    /// <summary>For people.</summary>
    Plain,

    /// <summary>JSON, for programs.</summary>
    Json,
}
