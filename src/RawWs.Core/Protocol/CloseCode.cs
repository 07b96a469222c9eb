namespace RawWs;

/// <summary>
/// Why a connection was closed (RFC 6455 §7.4 and the IANA registry). An application's own codes are 4000–4999,
/// written <c>(CloseCode)4001</c>; 3000–3999 are registered with IANA by libraries and frameworks.
/// </summary>
public enum CloseCode
{
    /// <summary>No close code: the value of an uninitialised variable, never a code of a connection.</summary>
    None = 0,

    /// <summary>The purpose of the connection has been fulfilled.</summary>
    NormalClosure = 1000,

    /// <summary>The server is going down, or the browser has navigated away.</summary>
    GoingAway = 1001,

    /// <summary>The peer broke the protocol.</summary>
    ProtocolError = 1002,

    /// <summary>A type of message arrived that the receiver cannot accept.</summary>
    UnsupportedData = 1003,

    /// <summary>The close frame carried no code. Seen by applications, never sent (§7.4.1).</summary>
    NoStatusReceived = 1005,

    /// <summary>The connection ended without a close frame. Seen by applications, never sent (§7.4.1).</summary>
    AbnormalClosure = 1006,

    /// <summary>The payload was not consistent with its type, such as text that is not UTF-8.</summary>
    InvalidPayloadData = 1007,

    /// <summary>A message broke the receiver's policy.</summary>
    PolicyViolation = 1008,

    /// <summary>A message was larger than the receiver accepts.</summary>
    MessageTooBig = 1009,

    /// <summary>The client wanted an extension that the server did not negotiate. Sent by clients.</summary>
    MandatoryExtension = 1010,

    /// <summary>The server met an unexpected condition.</summary>
    InternalError = 1011,

    /// <summary>The service is restarting; a client may reconnect after a random delay.</summary>
    ServiceRestart = 1012,

    /// <summary>The service is overloaded; a client should come back later.</summary>
    TryAgainLater = 1013,

    /// <summary>A gateway got an invalid response from the server behind it.</summary>
    BadGateway = 1014,

    /// <summary>The TLS handshake failed. Seen by applications, never sent (§7.4.1).</summary>
    TlsHandshake = 1015,
}
