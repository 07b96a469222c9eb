namespace RawWs.SocketIO.Engine;

/// <summary>Why a request is refused, with the codes that clients know.</summary>
/// <param name="Code">0 to 5.</param>
/// <param name="Message">The text beside it.</param>
internal sealed record EngineError(int Code, string Message)
{
    public static readonly EngineError TransportUnknown = new(0, "Transport unknown");
    public static readonly EngineError SessionUnknown = new(1, "Session ID unknown");
    public static readonly EngineError BadHandshakeMethod = new(2, "Bad handshake method");
    public static readonly EngineError BadRequest = new(3, "Bad request");
    public static readonly EngineError Forbidden = new(4, "Forbidden");
    public static readonly EngineError UnsupportedProtocol = new(5, "Unsupported protocol version");
}
