namespace RawWs.Host;

/// <summary>What <c>rawws listen</c> is asked to do.</summary>
internal sealed record ListenOptions
{
    public required ClientOptions Client { get; init; }

    /// <summary>After how many messages it is done; null for never.</summary>
    public int? Count { get; init; }

    public int MaxMessageSize { get; init; } = HostOptions.DefaultMaxMessageSize;

    /// <summary>Whether a connection that has ended is followed by another.</summary>
    public bool Reconnects { get; init; }

    /// <summary>Whether pings, pongs, and how connections begin and end are told.</summary>
    public bool IsVerbose { get; init; }
}
