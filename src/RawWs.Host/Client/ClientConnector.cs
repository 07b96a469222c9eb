using System.Net.WebSockets;

namespace RawWs.Host;

/// <summary>Opens connections to one server. May be used by many threads at once.</summary>
/// <remarks>
/// The protocol is that of <see cref="ClientWebSocket"/>: a client is nothing that this project has one of its own for, and a second opinion of the protocol is worth
/// something where it is our own server that is asked.
/// </remarks>
internal sealed class ClientConnector : IDisposable
{
    private readonly ClientOptions _options;
    private readonly CertificateTrust _trust;
    private readonly HttpMessageInvoker _invoker;

    /// <param name="options">Where to, and how.</param>
    /// <param name="observe">Is told of every control frame that comes; null for nobody.</param>
    public ClientConnector(ClientOptions options, Action<SeenControlFrame>? observe = null)
    {
        (_options, _trust) = (options, new CertificateTrust(options));

        // What a redirection or a cookie would bring about is the user's to say: header fields may hold secrets.
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, SslOptions = _trust.ToTlsOptions() };
        if (observe is not null)
            handler.PlaintextStreamFilter = (context, _) => new(new ControlFrameObserver(context.PlaintextStream, observe));

        _invoker = new HttpMessageInvoker(new UpgradeRefusals(handler));
    }

    /// <summary>Connects, and opens the WebSocket.</summary>
    /// <exception cref="ClientFailureException">It could not be opened.</exception>
    public async Task<ClientConnection> ConnectAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_options.ConnectTimeout);
        var socket = NewSocket();
        try
        {
            await socket.ConnectAsync(_options.Url, _invoker, deadline.Token);
            return new ClientConnection(socket);
        }
        catch (Exception error)
        {
            socket.Dispose();
            throw error switch
            {
                OperationCanceledException when !cancellationToken.IsCancellationRequested => new ClientFailureException(
                    $"{_options.Url.Authority} has not answered for {_options.ConnectTimeout.TotalSeconds} s; --connect-timeout waits longer."),
                WebSocketException failed => ConnectFailure.Of(failed, _options.Url, _trust.Complaint),
                _ => error,
            };
        }
    }

    public void Dispose() => _invoker.Dispose();

    private ClientWebSocket NewSocket()
    {
        var socket = new ClientWebSocket();
        (socket.Options.KeepAliveInterval, socket.Options.KeepAliveTimeout) = (_options.KeepAlive, _options.KeepAlive);
        if (_options.Compress)
            socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();

        foreach (var (name, value) in _options.Headers)
            socket.Options.SetRequestHeader(name, value);
        foreach (var name in _options.Subprotocols)
            socket.Options.AddSubProtocol(name);

        return socket;
    }
}
