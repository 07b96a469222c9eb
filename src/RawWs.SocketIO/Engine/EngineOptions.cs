using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO.Engine;

/// <summary>What the sessions of a server share.</summary>
internal sealed record EngineOptions
{
    public required TimeProvider TimeProvider { get; init; }

    public required TimeSpan PingInterval { get; init; }

    public required TimeSpan PingTimeout { get; init; }

    public required TimeSpan UpgradeTimeout { get; init; }

    public required int MaxPayload { get; init; }

    public required int MaxQueueCount { get; init; }

    public required int MaxQueueSize { get; init; }

    /// <summary>Whether a session that begins on polling may change to a WebSocket.</summary>
    public required bool MayUpgrade { get; init; }

    /// <summary>What follows the first packet of every session, null for nothing.</summary>
    public required EncodedPacket? InitialPacket { get; init; }

    /// <summary>How many sessions nothing carries at this moment.</summary>
    public DetachedCount Detached { get; } = new();

    /// <summary>How long a session that the server has closed waits for the poll that takes what is left, and then for the one that is told of the close.</summary>
    public TimeSpan LastPollTimeout { get; } = TimeSpan.FromSeconds(30);
}
