namespace RawWs;

/// <summary>How a connection ended (RFC 6455 §7.1.4–§7.1.6).</summary>
/// <param name="Initiator">Who ended it.</param>
/// <param name="IsClean">Whether both sides sent a close frame, so that neither missed anything the other said.</param>
/// <param name="SentCode">The code that we sent; <see cref="CloseCode.AbnormalClosure"/> if we sent no close frame.</param>
/// <param name="SentReason">The reason that we sent, empty if there was none.</param>
/// <param name="ReceivedCode">
/// The code that the peer sent; <see cref="CloseCode.NoStatusReceived"/> if its close frame had none,
/// <see cref="CloseCode.AbnormalClosure"/> if no close frame came.
/// </param>
/// <param name="ReceivedReason">The reason that the peer sent: its text, to be trusted as little as any of its messages.</param>
public sealed record CloseResult(
    CloseInitiator Initiator, bool IsClean, CloseCode SentCode, string SentReason, CloseCode ReceivedCode, string ReceivedReason);
