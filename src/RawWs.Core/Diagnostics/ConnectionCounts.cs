namespace RawWs.Diagnostics;

/// <summary>How many connections a server has, by what they are doing.</summary>
/// <param name="Handshake">Those that are no WebSocket yet: in TLS, in the opening handshake, or speaking HTTP.</param>
/// <param name="Open">WebSockets whose session runs.</param>
/// <param name="Closing">WebSockets whose session has ended, until their closing handshake has too.</param>
/// <param name="Refused">Those that are being told that they are not admitted.</param>
internal readonly record struct ConnectionCounts(long Handshake, long Open, long Closing, long Refused);
