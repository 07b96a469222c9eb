using RawWs.Protocol;

namespace RawWs.Connections;

/// <summary>How sending comes to its end. Most of their lives connections do not end, and have none.</summary>
/// <remarks>Its sender's lock guards it.</remarks>
internal sealed class SendingEnd
{
    /// <summary>The close frame that has not been sent yet; null if there is none.</summary>
    public ClosePayload? CloseToSend { get; set; }

    /// <summary>Why nothing can be sent any more, null if nothing has failed.</summary>
    public Exception? Failure { get; set; }

    /// <summary>Who waits until nothing is being sent and nothing will be; null if nobody does.</summary>
    public TaskCompletionSource? Reached { get; set; }
}
