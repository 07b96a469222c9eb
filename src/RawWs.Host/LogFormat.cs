namespace RawWs.Host;

/// <summary>How records of the log are written: one line each, whichever it is.</summary>
internal enum LogFormat
{
    /// <summary>For people.</summary>
    Plain,

    /// <summary>A JSON object for each, with its time in UTC, for programs.</summary>
    Json,
}
