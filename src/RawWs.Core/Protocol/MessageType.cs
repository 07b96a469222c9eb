namespace RawWs;

/// <summary>How the payload of a message is to be read (RFC 6455 §5.6).</summary>
public enum MessageType
{
    /// <summary>The payload is text encoded as UTF-8. RawWs delivers only valid UTF-8.</summary>
    Text = 1,

    /// <summary>The payload is bytes whose meaning is up to the application.</summary>
    Binary = 2,
}
