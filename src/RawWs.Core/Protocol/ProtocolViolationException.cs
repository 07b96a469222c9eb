namespace RawWs.Protocol;

/// <summary>The peer broke the protocol, and the connection must be failed (RFC 6455 §7.1.7) with <see cref="Code"/>.</summary>
/// <param name="code">The close code that tells the peer what kind of rule it broke.</param>
/// <param name="reason">The rule that was broken. It is sent to the peer: a constant, never data.</param>
internal sealed class ProtocolViolationException(CloseCode code, string reason) : Exception(reason)
{
    public CloseCode Code { get; } = code;
}
