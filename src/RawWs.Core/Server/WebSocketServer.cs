using System.Net;
using System.Net.Sockets;
using RawWs.Protocol;
using RawWs.Server;
using RawWs.Transport;

namespace RawWs;

/// <summary>
/// A WebSocket server (RFC 6455). Map sessions to paths, start it, and each connection runs the session of its path: a method whose lifetime is
/// that of the connection.
/// </summary>
/// <remarks>Thread-safe, but for <see cref="Map(string, Func{WebSocketConnection, CancellationToken, Task})"/> and its like, which come before the start.</remarks>
/// <example><code>
/// await using var server = new WebSocketServer(new() { EndPoints = [new IPEndPoint(IPAddress.Loopback, 3000)] });
/// await server.RunAsync(async (connection, cancellationToken) =>
/// {
///     await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
///         await connection.SendAsync(message, cancellationToken);
/// }, stopping);
/// </code></example>
public sealed partial class WebSocketServer : IAsyncDisposable
{
    private readonly ServerCore _core;
    private readonly Routes<SessionRoute> _routes = new();
    private readonly Routes<HttpRoute> _httpRoutes = new();
    private IReadOnlyList<ITransportListener> _listeners = [];
    private IReadOnlyList<Task> _acceptLoops = [];
    private readonly Lock _gate = new();
    private ServerState _state = ServerState.New;

    /// <summary>Makes a server. It does nothing before it is started.</summary>
    /// <param name="options">Where it listens, and its limits. Read here: what is changed in it later has no effect on this server.</param>
    /// <exception cref="ArgumentException">There is an end point of a kind that the transport does not listen on, a subprotocol that is no token, or TLS without a certificate.</exception>
    public WebSocketServer(WebSocketServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var read = options.Clone();
        CheckEndPoints(read);
        CheckSubprotocols(read);
        _core = new ServerCore(read, _routes, _httpRoutes);
        Everyone = new BroadcastTarget(_core.Rooms, rooms: null);
    }

    /// <summary>Where the server really listens, with the ports that port 0 stood for. Empty before the start.</summary>
    public IReadOnlyList<EndPoint> EndPoints
    {
        get
        {
            lock (_gate)
            {
                return [.. _listeners.Select(listener => listener.EndPoint)];
            }
        }
    }

    /// <summary>How many connections are open at this moment, those in their opening handshake included.</summary>
    public int ConnectionCount => _core.Admission.Count;

    /// <summary>What it was made with; for tests.</summary>
    internal WebSocketServerOptions Options => _core.Options;

    /// <summary>Who is in; for tests.</summary>
    internal Admission Admission => _core.Admission;

    /// <summary>Lets <paramref name="session"/> serve a path.</summary>
    /// <param name="path">
    /// An exact path such as <c>/echo</c>, case-sensitive; or one such as <c>/rooms/*</c>, for every path that begins with <c>/rooms/</c> and has at least
    /// one character more; or <c>*</c> for every path that has no session of its own. An exact path comes first, then the longest prefix, then <c>*</c>.
    /// </param>
    /// <param name="session">
    /// Called for each connection, with a token that is cancelled when the connection or the server begins to close. When it returns, the connection
    /// is closed with 1000; when it throws, with 1011. No <see cref="SynchronizationContext"/> is captured.
    /// </param>
    /// <exception cref="ArgumentException">The path is malformed or has a session already.</exception>
    /// <exception cref="InvalidOperationException">The server has been started.</exception>
    public void Map(string path, Func<WebSocketConnection, CancellationToken, Task> session)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(session);

        Map(_routes, path, new SessionRoute(session, OnUpgrade: null));
    }

    /// <summary>Lets <paramref name="session"/> serve a path, for those whom <paramref name="onUpgrade"/> lets in.</summary>
    /// <inheritdoc cref="Map(string, Func{WebSocketConnection, CancellationToken, Task})"/>
    /// <param name="path">As for other sessions.</param>
    /// <param name="session">As for other paths.</param>
    /// <param name="onUpgrade">
    /// Asked about each valid opening handshake for this path, in place of <see cref="WebSocketServerOptions.OnUpgrade"/> and in the same way. Handshakes for other
    /// paths pay nothing for it.
    /// </param>
    public void Map(
        string path,
        Func<WebSocketConnection, CancellationToken, Task> session,
        Func<UpgradeRequest, CancellationToken, ValueTask<UpgradeResponse>> onUpgrade)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(onUpgrade);

        Map(_routes, path, new SessionRoute(session, onUpgrade));
    }

    /// <summary>Lets event handlers serve a path.</summary>
    /// <inheritdoc cref="Map(string, Func{WebSocketConnection, CancellationToken, Task})"/>
    public void Map(string path, WebSocketEvents events)
    {
        ArgumentNullException.ThrowIfNull(events);
        Map(path, events.RunAsync);
    }

    /// <summary>Begins to listen. Completes when connections are being accepted on all end points; if one can't be had, on none.</summary>
    /// <exception cref="IOException">An end point can't be had, for example because its port is in use; or a certificate can't be loaded.</exception>
    /// <exception cref="InvalidOperationException">There is no end point, no path is mapped, or the server has been started before.</exception>
    public async Task StartAsync()
    {
        Begin();
        _core.LoadTls();
        var listeners = new List<ITransportListener>();
        try
        {
            foreach (var endPoint in _core.Options.EndPoints)
                listeners.Add(_core.Transport.Listen(endPoint));
        }
        catch
        {
            await CloseAsync(listeners).ConfigureAwait(false);
            throw;
        }

        if (TryShow(listeners))
        {
            BeginToAccept(listeners);
            return;
        }

        // It has been stopped meanwhile, by somebody who did not know of them.
        await CloseAsync(listeners).ConfigureAwait(false);
    }

    /// <summary>Starts, runs until <paramref name="cancellationToken"/> is cancelled or somebody stops the server in another way, and stops.</summary>
    /// <inheritdoc cref="StartAsync" path="/exception"/>
    public async Task RunAsync(CancellationToken cancellationToken = default)
    {
        await StartAsync().ConfigureAwait(false);

        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using (cancellationToken.UnsafeRegister(static source => ((TaskCompletionSource)source!).TrySetResult(), cancelled).ConfigureAwait(false))
        {
            await Task.WhenAny(cancelled.Task, _stopBegun.Task).ConfigureAwait(false);
        }

        await StopAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Starts with <paramref name="session"/> for every path that has none of its own, runs until cancelled, and stops.</summary>
    /// <inheritdoc cref="StartAsync" path="/exception"/>
    public Task RunAsync(Func<WebSocketConnection, CancellationToken, Task> session, CancellationToken cancellationToken = default)
    {
        Map("*", session);
        return RunAsync(cancellationToken);
    }

    /// <summary>Starts with <paramref name="events"/> for every path that has no session of its own, runs until cancelled, and stops.</summary>
    /// <inheritdoc cref="StartAsync" path="/exception"/>
    public Task RunAsync(WebSocketEvents events, CancellationToken cancellationToken = default)
    {
        Map("*", events);
        return RunAsync(cancellationToken);
    }

    /// <summary>
    /// Serves a connection that somebody else has accepted, from its opening handshake to its end: for tests, and for running inside another server.
    /// The connection is disposed when the task completes. It never fails. Works before the start, too; once the server stops, it is answered with 503, and once the
    /// server is disposed, it is dropped.
    /// <see cref="DuplexPipeConnection"/> makes a connection of the pair of pipes that another server has.
    /// </summary>
    public Task ServeAsync(TransportConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (Volatile.Read(ref _isDisposed) || _core.Admission.Admit(connection) is not { } served)
            return _core.DropAsync(connection);

        // Whoever comes second, this or the disposing, sees the other.
        if (!Volatile.Read(ref _isDisposed))
            return ServeElsewhereAsync(served);

        _core.Admission.Remove(served);
        return _core.DropAsync(connection);
    }

    private async Task CloseAsync(List<ITransportListener> listeners)
    {
        foreach (var listener in listeners)
            await Drain.CloseAsync(_core, listener).ConfigureAwait(false);
    }

    private static void CheckEndPoints(WebSocketServerOptions options)
    {
        if (options.EndPoints.Any(endPoint => endPoint is null))
            throw new ArgumentException($"There is a null among the {nameof(WebSocketServerOptions.EndPoints)}.", nameof(options));

        // Whoever brings a transport of his own knows what it listens on.
        if (options.Transport is not (null or SocketTransport or EventLoopTransport))
            return;

        if (options.EndPoints.FirstOrDefault(endPoint => endPoint is not (IPEndPoint or UnixDomainSocketEndPoint or InheritedEndPoint)) is { } other)
        {
            throw new ArgumentException(
                $"An end point is an {nameof(IPEndPoint)}, a {nameof(UnixDomainSocketEndPoint)} or an {nameof(InheritedEndPoint)}; '{other}' is a {other.GetType().Name}. Give the addresses that a name stands for.",
                nameof(options));
        }
    }

    // No client can offer one that is none: it would never be agreed on, and nobody would be told why.
    private static void CheckSubprotocols(WebSocketServerOptions options)
    {
        foreach (var subprotocol in options.Subprotocols)
        {
            if (!HttpGrammar.IsToken(subprotocol))
            {
                throw new ArgumentException(
                    $"A subprotocol is a token: {HttpGrammar.TokenCharacters}; '{subprotocol}' in {nameof(WebSocketServerOptions.Subprotocols)} is none. Several are named one by one.",
                    nameof(options));
            }
        }
    }

    private void Map<T>(Routes<T> routes, string path, T target)
        where T : class
    {
        lock (_gate)
        {
            if (_state != ServerState.New)
                throw new InvalidOperationException("The server has been started; map paths before that.");

            routes.Add(path, target);
        }
    }

    /// <returns>Whether whoever stops the server finds them; otherwise he has come before.</returns>
    private bool TryShow(List<ITransportListener> listeners)
    {
        lock (_gate)
        {
            if (_stopped is null)
                _listeners = listeners;

            return _stopped is null;
        }
    }

    // Whoever stops the server meanwhile ends the listeners, and with them the loops, also those that he does not wait for.
    private void BeginToAccept(List<ITransportListener> listeners)
    {
        _core.StartRooms();
        var acceptLoops = listeners.ConvertAll(_core.AcceptLoopAsync);

        lock (_gate)
        {
            _acceptLoops = acceptLoops;
            _isReady = _stopped is null;
        }
    }

    private void Begin()
    {
        lock (_gate)
        {
            if (_state != ServerState.New)
                throw new InvalidOperationException("A server is started once; make a new one to start again.");

            if (_core.Options.EndPoints.Count == 0 && !_core.Options.AllowNoEndPoints)
            {
                throw new InvalidOperationException(
                    $"There is nowhere to listen; add an end point to {nameof(WebSocketServerOptions)}.{nameof(EndPoints)}, or set {nameof(WebSocketServerOptions.AllowNoEndPoints)}.");
            }

            if (_routes.IsEmpty && _httpRoutes.IsEmpty)
                throw new InvalidOperationException($"There is nothing to serve; call {nameof(Map)} first, or {nameof(RunAsync)} with a session.");

            _state = ServerState.Started;
        }
    }

    // The session may begin before anything has to be waited for: not on the caller's thread, whose synchronization context it would see.
    private static async Task ServeElsewhereAsync(ServedConnection connection)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await connection.RunAsync().ConfigureAwait(false);
    }

    private enum ServerState
    {
        New,
        Started,
        Stopped,
    }
}
