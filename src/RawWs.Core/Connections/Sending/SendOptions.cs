using RawWs.Connections;

namespace RawWs;

/// <summary>How one message is sent, where it differs from the others of its connection.</summary>
public readonly record struct SendOptions
{
    /// <summary>
    /// What happens if a connection's outgoing queue is full. Null, the default: what <see cref="WebSocketConnection.SlowConsumerPolicy"/> says; if that is null
    /// too, <see cref="SlowConsumerPolicy.Conflate"/> if there is a <see cref="ConflationKey"/>; then what the room says, and at last the server's options.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no policy.</exception>
    public SlowConsumerPolicy? Policy { get; init => field = value?.Checked(); }

    /// <summary>
    /// What the message is a newer value of, for <see cref="SlowConsumerPolicy.Conflate"/>, which it implies; compared ordinally. Null, the default: of nothing.
    /// </summary>
    public string? ConflationKey { get; init; }

    /// <summary>
    /// Not compressed, whatever was negotiated (RFC 7692 §6 leaves it to each message): for what is compressed already, and for what is secret and stands
    /// beside text that somebody else chose. Default: off.
    /// </summary>
    public bool Uncompressed { get; init; }

    /// <summary>What a message with a key asks for, if nobody says otherwise.</summary>
    internal SlowConsumerPolicy? ImpliedPolicy => ConflationKey is null ? null : SlowConsumerPolicy.Conflate;
}
