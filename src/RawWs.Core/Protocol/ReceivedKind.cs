namespace RawWs.Protocol;

/// <summary>What a <see cref="Received"/> is.</summary>
internal enum ReceivedKind : byte
{
    /// <summary>A whole message.</summary>
    Message,

    /// <summary>A piece of a message that is delivered as it comes.</summary>
    MessagePart,

    /// <summary>A ping (RFC 6455 §5.5.2).</summary>
    Ping,

    /// <summary>A pong (RFC 6455 §5.5.3).</summary>
    Pong,

    /// <summary>A close frame (RFC 6455 §5.5.1).</summary>
    Close,
}
