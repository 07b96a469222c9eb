using Microsoft.Extensions.Logging;
using RawWs.Compression;
using RawWs.Diagnostics;
using RawWs.Protocol;

namespace RawWs.Connections;

/// <summary>What all connections of a server have in common. Durations are ticks of 100 ns, <see cref="long.MaxValue"/> for never.</summary>
internal sealed record ConnectionSettings
{
    public required MessageLimits Limits { get; init; }

    /// <summary>Silence from the peer before it is sent a ping.</summary>
    public required long KeepAliveInterval { get; init; }

    /// <summary>Silence after a ping before the peer counts as gone.</summary>
    public required long KeepAliveTimeout { get; init; }

    /// <summary>Silence from the peer before the connection is closed, pings or not.</summary>
    public required long IdleTimeout { get; init; }

    /// <summary>From a message's first byte to its last.</summary>
    public required long MessageTimeout { get; init; }

    /// <summary>How long the network may refuse to take what we send.</summary>
    public required long WriteTimeout { get; init; }

    /// <summary>From our close frame to the peer's, and again from the end of our side of TCP to the end of the peer's.</summary>
    public required long CloseTimeout { get; init; }

    /// <summary>Whether pings are answered without the application's doing.</summary>
    public required bool AutomaticPong { get; init; }

    /// <summary>The states of permessage-deflate; null where it is off.</summary>
    public required DeflateStates? DeflateStates { get; init; }

    /// <summary>Messages of fewer bytes are sent uncompressed.</summary>
    public required int CompressionThreshold { get; init; }

    /// <summary>How much may wait for slow readers.</summary>
    public required SendLimits SendLimits { get; init; }

    /// <summary>How many messages a peer may send; null for any number.</summary>
    public required RateLimit? MaxMessageRate { get; init; }

    /// <summary>How many bytes a peer may send; null for any number.</summary>
    public required RateLimit? MaxByteRate { get; init; }

    /// <summary>How many pings, pongs and empty frames a peer may send; null for any number.</summary>
    public required RateLimit? MaxControlFrameRate { get; init; }

    /// <summary>Where peers that send too fast are reported.</summary>
    public required Refusals Refusals { get; init; }

    public required DeadlineWheels Wheels { get; init; }

    public required TimeProvider Time { get; init; }

    public required ServerMetrics Metrics { get; init; }

    public required ILogger Logger { get; init; }
}
