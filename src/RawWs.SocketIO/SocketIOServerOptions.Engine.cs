namespace RawWs.SocketIO;

// What carries connections, and what HTTP requests are answered.
public sealed partial class SocketIOServerOptions
{
    /// <summary>What may carry a connection; a request for anything else is answered with 400. Default: polling and WebSockets. Range: at least one.</summary>
    public SocketIOTransports Transports
    {
        get;
        set => field = (value & SocketIOTransports.All) != 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "At least one transport.");
    } = SocketIOTransports.All;

    /// <summary>Whether a client that begins on polling may change to a WebSocket. Default: yes.</summary>
    public bool AllowUpgrades { get; set; } = true;

    /// <summary>
    /// Whether clients of version 2 (protocol 3 of Engine.IO) may connect. Default: no. Their sockets are known by the id of the connection, which is a secret of the client's; treat
    /// <see cref="SocketIOSocket.Id"/> as one then. Such clients may also poll by scripts (JSONP), which pages of other origins can use whatever <see cref="Cors"/> says: a browser that says so
    /// is refused if it sends cookies.
    /// </summary>
    public bool AllowEio3 { get; set; }

    /// <summary>Bytes from which on a response to a poll is compressed for clients that take it (br, gzip, deflate). Default 1,024; null for never. Range: from 0.</summary>
    public int? HttpCompressionThreshold
    {
        get;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value ?? 0, nameof(value));
            field = value;
        }
    } = 1_024;

    /// <summary>A cookie with the id of the connection, set by the response that begins it on polling, for load balancers. Null, the default: none.</summary>
    public SessionCookie? Cookie { get; set; }

    /// <summary>The text of an Engine.IO message that follows the first packet of every connection. Null, the default: none. Clients of Socket.IO take only its packets, such as <c>2["hello"]</c>.</summary>
    public string? InitialPacket { get; set; }

    /// <summary>
    /// A folder with the client for browsers, which pages then find at <c>/socket.io/socket.io.js</c>: <c>dist</c> of the npm package <c>socket.io-client</c>, or <c>client-dist</c> of
    /// <c>socket.io</c>. Its files are read when the server is made. Null, the default: none, and pages bring their own.
    /// </summary>
    public string? ClientFolder { get; set; }

    /// <summary>Which web pages of other origins may use long-polling. Null, the default: none, and no header is sent.</summary>
    public CorsPolicy? Cors { get; set; }

    /// <summary>
    /// Decides about each new connection by its first request, before anything is kept for it: returns null to let it in, or why not, which is sent to the client with 403 (400 to a
    /// WebSocket). If it throws, the answer is 500. Null, the default: everybody.
    /// </summary>
    public Func<Handshake, CancellationToken, ValueTask<string?>>? AllowRequest { get; set; }

    /// <summary>
    /// Makes the id of a new connection from its first request. Whoever knows the id may speak for the client: it must not be guessed, and no other connection may have it. If it throws, or
    /// the id is empty or taken, the client is refused with code 3. Null, the default: 120 random bits.
    /// </summary>
    public Func<Handshake, CancellationToken, ValueTask<string>>? GenerateId { get; set; }

    /// <summary>
    /// Is called once for each connection, for the response that begins it, and adds header fields to it; what it adds takes the place of fields of the same name, but for <c>Set-Cookie</c>.
    /// If it throws, the answer is 500. Null, the default: nobody.
    /// </summary>
    public Action<ResponseHeaders, Handshake>? OnInitialHeaders { get; set; }

    /// <summary>Is called for each response to a poll, a post and an opening handshake, after <see cref="OnInitialHeaders"/>, and does the same. Null, the default: nobody.</summary>
    public Action<ResponseHeaders, Handshake>? OnHeaders { get; set; }

    /// <summary>Is told of each request that is refused, before the answer is sent. Must return quickly, and not throw. Null, the default: nobody.</summary>
    public Action<ConnectionError>? OnConnectionError { get; set; }
}
