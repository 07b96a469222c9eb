using System.Runtime.CompilerServices;

namespace RawWs.SocketIO;

/// <summary>How connections are recovered: what is kept for clients that lost theirs, and for how long. Each namespace keeps its own.</summary>
/// <remarks>
/// Who has missed more than three quarters of what may wait for a client (<see cref="SocketIOServerOptions.MaxQueueCount"/>, <see cref="SocketIOServerOptions.MaxQueueSize"/>), or more than 768 KiB, which
/// a WebSocket takes as well, begins anew, whatever is kept.
/// </remarks>
public sealed class ConnectionStateRecoveryOptions
{
    /// <summary>How long a client has to come back. Default 2 minutes. Range: above 0.</summary>
    public TimeSpan MaxDisconnectionDuration
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero);
            field = value;
        }
    } = TimeSpan.FromMinutes(2);

    /// <summary>Whether the middlewares of a namespace are not asked about a client that comes back. Default true.</summary>
    public bool SkipMiddlewares { get; set; } = true;

    /// <summary>Clients that are waited for; of more the oldest are forgotten. Default 10,000. Range: from 1.</summary>
    public int MaxSessionCount { get; set => field = AtLeastOne(value); } = 10_000;

    /// <summary>Events that are kept; of more the oldest are forgotten, and who has not seen them begins anew. Default 10,000. Range: from 1.</summary>
    public int MaxEventCount { get; set => field = AtLeastOne(value); } = 10_000;

    /// <summary>Bytes in the events that are kept; beyond, as with their number. Default 16 MiB. Range: from 1.</summary>
    public int MaxEventSize { get; set => field = AtLeastOne(value); } = 16 << 20;

    /// <summary>What a server keeps: nothing that is changed afterwards reaches it.</summary>
    internal ConnectionStateRecoveryOptions Clone() => (ConnectionStateRecoveryOptions)MemberwiseClone();

    private static int AtLeastOne(int value, [CallerMemberName] string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        return value;
    }
}
