namespace RawWs.SocketIO;

/// <summary>A request to Socket.IO that has been refused.</summary>
/// <param name="Request">The request.</param>
/// <param name="Code">0: transport unknown. 1: session unknown. 2: bad handshake method. 3: bad request. 4: forbidden. 5: unsupported protocol version. 6, which clients are not told: too many clients, or the server is closing; answered with 503, or if the last place went during the handshake by closing with 1013.</param>
/// <param name="Message">What the client is told.</param>
/// <param name="Context">What it was about, by names that Node's server uses: <c>transport</c>, <c>sid</c>, <c>method</c>, <c>name</c>, <c>protocol</c>. Partly from the client: not to be trusted.</param>
public sealed record ConnectionError(Handshake Request, int Code, string Message, IReadOnlyDictionary<string, string> Context);
