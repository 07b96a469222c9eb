namespace RawWs;

/// <summary>Whether, and with how much memory, messages are compressed by permessage-deflate (RFC 7692).</summary>
/// <remarks>
/// Compression costs an order of magnitude more time than all the rest, and its output length tells something of its input: where secrets and text
/// of an attacker meet in one message (as in CRIME and BREACH), send it with <see cref="SendOptions.Uncompressed"/>.
/// </remarks>
public enum CompressionMode
{
    /// <summary>The extension is not offered.</summary>
    Off,

    /// <summary>
    /// No context takeover either way: each message is compressed by itself, with states that all connections share. An idle connection costs
    /// nothing.
    /// </summary>
    Shared,

    /// <summary>
    /// Context takeover, where the client agrees: each message may refer to those before it, which makes many small and similar ones much smaller.
    /// Each connection keeps states of its own, of about 300 KiB with a window of 15 bits.
    /// </summary>
    Dedicated,
}
