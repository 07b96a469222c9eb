namespace RawWs.Host;

/// <summary>Whether there is a Socket.IO server, and what it serves its clients.</summary>
internal sealed record SocketIOSettings
{
    public bool IsEnabled { get; init; }

    /// <summary>The folder with the client for browsers, null if there is none.</summary>
    public string? ClientFolder { get; init; }

    /// <summary>How long who lost a connection may take to come back to it, null if it is not waited for.</summary>
    public TimeSpan? RecoveryTime { get; init; }
}
