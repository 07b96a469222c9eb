using RawWs.Protocol;

namespace RawWs.Connections;

/// <summary>How a connection is closing. Most of their lives connections do not, and have none.</summary>
/// <remarks>Its connection's lock guards it.</remarks>
internal sealed class Closing
{
    /// <summary>Since when, in the wheel's time; <see cref="long.MaxValue"/> if somebody only waits for it.</summary>
    public long Since { get; set; } = long.MaxValue;

    public CloseInitiator Initiator { get; set; }

    /// <summary>The close frame that was sent.</summary>
    public ClosePayload Sent { get; set; } = new(CloseCode.AbnormalClosure, "");

    /// <summary>The close frame that was received.</summary>
    public ClosePayload Received { get; set; } = new(CloseCode.AbnormalClosure, "");

    /// <summary>How the connection ended; null before.</summary>
    public CloseResult? Result { get; set; }

    /// <summary>Who waits for <see cref="Result"/>; null if nobody does.</summary>
    public TaskCompletionSource<CloseResult>? Closed { get; set; }

    /// <summary>Who waits for the end of TCP; null if nobody does.</summary>
    public TaskCompletionSource? TransportEnded { get; set; }
}
