namespace RawWs;

// Who gets in, and how much one peer may send. What is refused here is counted as rawws.refusals, with its reason, and logged every ten seconds at most.
public sealed partial class WebSocketServerOptions
{
    /// <summary>
    /// How many connections one address may have at once, handshakes included; more are answered with 429. IPv6 addresses count by their first 64 bits, which
    /// one customer has to himself; peers without an address, such as those of Unix sockets, are not counted. Behind <see cref="TrustedProxies"/> it is their clients' connections, and requests that are being answered.
    /// Default: any number, for behind a proxy that is not trusted all connections come from its address. Range: from 1. Leave room for offices that share an address.
    /// </summary>
    public int MaxConnectionsPerAddress { get; set => field = InRange(value, 1, int.MaxValue); } = int.MaxValue;

    /// <summary>
    /// How many connections may be in their opening handshake at once; more are answered with 503. A client that does not finish its handshake counts until it
    /// has gone, and one that only speaks HTTP counts as long. Default 25,000. Range: from 1. Lower it to keep more of <see cref="MaxConnections"/> from clients that never ask for anything.
    /// </summary>
    public int MaxHandshakeCount { get; set => field = InRange(value, 1, int.MaxValue); } = 25_000;

    /// <summary>
    /// How many connections are admitted per second; more are answered with 503. Default, null: any number. Set it where what sessions do when they begin
    /// is expensive, so that a crowd that comes back after an outage does not cause the next.
    /// </summary>
    public RateLimit? MaxConnectionRate { get; set => field = Valid(value); }

    /// <summary>How many messages one peer may send per second; more closes with 1008. Default, null: any number, as fast as the session reads them.</summary>
    public RateLimit? MaxMessageRate { get; set => field = Valid(value); }

    /// <summary>
    /// How many bytes one peer may send per second, frame headers included and before inflation; more closes with 1008. Default, null: any number, as fast as
    /// the session reads them. A peer may need a burst of <see cref="MaxReceiveSize"/> and of its largest message.
    /// </summary>
    public RateLimit? MaxByteRate { get; set => field = Valid(value); }

    /// <summary>
    /// How many pings, pongs that answer no ping, and data frames without payload one peer may send per second, together; more closes with 1008. They cost
    /// their sender a few bytes and no session paces them. Default 1,000 with a burst of 20,000. Null: any number, for load tests.
    /// </summary>
    public RateLimit? MaxControlFrameRate { get; set => field = Valid(value); } = new(1_000, 20_000);
}
