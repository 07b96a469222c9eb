using System.Collections.ObjectModel;

namespace RawWs.SocketIO.Engine;

/// <summary>Why a request is refused, with the codes that clients know.</summary>
/// <param name="Code">0 to 5; 6 is known to the application alone.</param>
/// <param name="Message">The text beside it.</param>
internal sealed record EngineError(int Code, string Message)
{
    public static readonly EngineError TransportUnknown = new(0, "Transport unknown");
    public static readonly EngineError SessionUnknown = new(1, "Session ID unknown");
    public static readonly EngineError BadHandshakeMethod = new(2, "Bad handshake method");
    public static readonly EngineError BadRequest = new(3, "Bad request");
    public static readonly EngineError Forbidden = new(4, "Forbidden");
    public static readonly EngineError UnsupportedProtocol = new(5, "Unsupported protocol version");
    public static readonly EngineError TooManyClients = new EngineError(6, "there are too many clients").With(("name", "TOO_MANY_CLIENTS"));
    public static readonly EngineError TransportMismatch = BadRequest.With(("name", "TRANSPORT_MISMATCH"), ("transport", "polling"), ("previousTransport", "websocket"));
    public static readonly EngineError NoUpgrade = BadRequest.With(("name", "TRANSPORT_HANDSHAKE_ERROR"));

    /// <summary>What the application is told besides.</summary>
    public IReadOnlyDictionary<string, string> Context { get; private init; } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>The same, with what the application is told besides.</summary>
    public EngineError With(params ReadOnlySpan<(string Name, string Value)> context)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in context)
            values[name] = value;

        return this with { Context = values };
    }
}
