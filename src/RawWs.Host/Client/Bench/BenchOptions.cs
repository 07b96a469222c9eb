namespace RawWs.Host;

/// <summary>What <c>rawws bench</c> is asked to do.</summary>
internal sealed record BenchOptions
{
    public const int DefaultConnections = 16, DefaultSize = 64, DefaultInFlight = 1;
    public const double DefaultSeconds = 10, DefaultWarmUpSeconds = 1;

    /// <summary>More can't be told apart on the way, and no server is sent so many at once.</summary>
    public const int MaxInFlight = 10_000;

    public required ClientOptions Client { get; init; }

    public int Connections { get; init; } = DefaultConnections;

    /// <summary>Bytes of each message.</summary>
    public int Size { get; init; } = DefaultSize;

    /// <summary>How many messages each connection has under way; without a <see cref="Rate"/>.</summary>
    public int InFlight { get; init; } = DefaultInFlight;

    /// <summary>Messages per second over all connections, whatever comes back; null for as many as come back.</summary>
    public int? Rate { get; init; }

    /// <summary>How long is measured.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(DefaultSeconds);

    /// <summary>How long is not measured before that: a server that has just started is slower.</summary>
    public TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(DefaultWarmUpSeconds);

    /// <summary>How long what was sent in time may still take to come back.</summary>
    public TimeSpan RestTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether messages are binary, and not text.</summary>
    public bool IsBinary { get; init; }
}
