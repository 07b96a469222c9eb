namespace RawWs.Host;

/// <summary>What <c>rawws send</c> is asked to do.</summary>
internal sealed record SendRequest
{
    public const double DefaultWaitSeconds = 30;

    public required ClientOptions Client { get; init; }

    /// <summary>A message each; empty to send what stands in the file, or in standard input.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

    /// <summary>Whether messages are binary: each text in UTF-8, or all of standard input as one.</summary>
    public bool IsBinary { get; init; }

    /// <summary>A file that is sent as one binary message; null for none.</summary>
    public string? File { get; init; }

    /// <summary>How many answers are printed before it closes; null for all that come while it sends, at a terminal only.</summary>
    public int? Wait { get; init; }

    /// <summary>How long each of these answers may take.</summary>
    public TimeSpan WaitTimeout { get; init; } = TimeSpan.FromSeconds(DefaultWaitSeconds);

    public int MaxMessageSize { get; init; } = HostOptions.DefaultMaxMessageSize;
}
