namespace RawWs;

/// <summary>How one message is sent, where it differs from the others of its connection.</summary>
[Flags]
public enum SendFlags
{
    /// <summary>As the server's options say.</summary>
    None = 0,

    /// <summary>
    /// Not compressed, whatever was negotiated (RFC 7692 §6 leaves it to each message): for what is compressed already, and for what is secret and stands
    /// beside text that somebody else chose.
    /// </summary>
    Uncompressed = 1,
}
