using System.Text.Json;
using System.Text.RegularExpressions;
using RawWs.SocketIO.Engine;
using RawWs.SocketIO.Http;
using RawWs.SocketIO.Json;
using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO;

/// <summary>
/// A Socket.IO server (Socket.IO protocol 5, Engine.IO protocol 4) on a <see cref="WebSocketServer"/>, for unmodified clients of version 3 and 4. What it has of a
/// namespace is the main one's, <c>/</c>.
/// </summary>
/// <remarks>Thread-safe.</remarks>
/// <example><code>
/// await using var server = new WebSocketServer(new() { EndPoints = [new IPEndPoint(IPAddress.Loopback, 3000)] });
/// var io = new SocketIOServer(server);
/// io.OnConnection(socket =>
/// {
///     socket.Join("lobby");
///     socket.On("chat message", (string text) => io.To("lobby").EmitAsync("chat message", text));
///     socket.On("sum", (int a, int b) => a + b);
/// });
/// await server.RunAsync(stopping);
/// </code></example>
public sealed class SocketIOServer
{
    private static readonly TimeSpan CleanUpInterval = TimeSpan.FromMinutes(1);

    private const long MaxEndedSize = 64 << 20;

    private readonly NamespaceTable _namespaces;
    private readonly EngineServer _engine;
    private readonly ITimer? _cleanUp;
    private readonly Lazy<Task> _closed;

    /// <summary>Adds Socket.IO to a server that has not been started. Its other paths stay what they are.</summary>
    /// <param name="server">The server.</param>
    /// <param name="options">How Socket.IO behaves. Null for the defaults. Read here: what is changed in it later has no effect on this server.</param>
    /// <exception cref="ArgumentException">Its path is mapped already, or <see cref="SocketIOServerOptions.ClientFolder"/> has no client.</exception>
    /// <exception cref="IOException">A file of the client can't be read.</exception>
    /// <exception cref="InvalidOperationException">The server has been started.</exception>
    public SocketIOServer(WebSocketServer server, SocketIOServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(server);
        Options = options?.Clone() ?? new SocketIOServerOptions();
        Json = new ValueJson(Options.Json, Options.MaxJsonDepth);
        PacketLimits = new PacketLimits(Options.MaxAttachmentCount, Options.MaxPacketSize, Options.MaxJsonDepth);
        Log = new SocketIOLog(Options.LoggerFactory.CreateLogger("RawWs.SocketIO"));
        _namespaces = new NamespaceTable(this);
        _closed = new Lazy<Task>(CloseOnceAsync);
        EndedSockets = new EndedSockets(Options.MaxSessionCount, MaxEndedSize);
        Main = Of("/");
        if (Options.ConnectionStateRecovery is not null)
            _cleanUp = Options.TimeProvider.CreateTimer(static table => ((NamespaceTable)table!).CleanUp(), _namespaces, CleanUpInterval, CleanUpInterval);

        var engineOptions = new EngineOptions
        {
            TimeProvider = Options.TimeProvider,
            PingInterval = Options.PingInterval,
            PingTimeout = Options.PingTimeout,
            UpgradeTimeout = Options.UpgradeTimeout,
            MaxPayload = Options.MaxPayload,
            MaxQueueCount = Options.MaxQueueCount,
            MaxQueueSize = Options.MaxQueueSize,
            MayUpgrade = Options.AllowUpgrades && Options.Transports.HasFlag(SocketIOTransports.WebSocket),
            InitialPacket = Options.InitialPacket is { } text ? new EncodedPacket(PreparedMessage.FromText("4" + text), []) : null,
        };
        _engine = new EngineServer(Options, engineOptions, Log, (session, handshake) => new ClientConnection(this, session, handshake));
        Metrics.ObserveSessions(_engine.CountByTransport);

        // Clients put a slash behind the path. What stands behind that makes no difference, but for the names of the client's own files.
        var path = Options.Path + "/";
        var route = new HttpRoute(_engine.AnswerAsync)
        {
            Methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"],
            MaxBodySize = Options.MaxPayload,
        };
        foreach (var mapped in (string[])[path, path + "*"])
        {
            server.Map(mapped, (connection, _) => _engine.RunAsync(connection), _engine.DecideAsync);
            server.MapHttp(mapped, route);
        }

        if (Options.ClientFolder is { } folder)
            MapClient(server, path, folder);
    }

    /// <summary>How many clients are connected, over whatever transport.</summary>
    public int ConnectionCount => _engine.SessionCount;

    /// <inheritdoc cref="SocketIONamespace.Sockets"/>
    public IReadOnlyList<SocketIOSocket> Sockets => Main.Sockets;

    /// <inheritdoc cref="SocketIONamespace.Everybody"/>
    public BroadcastOperator Everybody => Main.Everybody;

    internal SocketIOServerOptions Options { get; }

    internal ValueJson Json { get; }

    /// <summary>What all connections read packets with.</summary>
    internal PacketLimits PacketLimits { get; }

    internal SocketIOLog Log { get; }

    internal SocketIOMetrics Metrics { get; } = new();

    internal NamespaceTable Namespaces => _namespaces;

    /// <summary>Those whose clients have gone and are still listened to: as many as there may be clients, and <see cref="MaxEndedSize"/> of what they have said.</summary>
    internal EndedSockets EndedSockets { get; }

    /// <summary>How many connections are on polling without a request under way.</summary>
    internal int DetachedConnectionCount => _engine.DetachedSessionCount;

    private SocketIONamespace Main { get; }

    /// <summary>A namespace, which is there from then on. Clients connect only to those that are there.</summary>
    /// <param name="name">Its name; a slash is put before it if it has none.</param>
    public SocketIONamespace Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Contains(',', StringComparison.Ordinal))
            throw new ArgumentException("The name of a namespace has no comma: on the wire it ends with one.", nameof(name));

        return _namespaces.GetOrAdd(name is ['/', ..] ? name : "/" + name);
    }

    /// <summary>
    /// Namespaces that clients make by connecting to a name that matches; of several kinds the first counts. Those that the application makes are of the kind as well, if
    /// their names match.
    /// </summary>
    /// <param name="pattern">
    /// Matched against names as clients say them: give it anchors, and <see cref="RegexOptions.NonBacktracking"/> or a timeout unless it is simple. One that takes too long matches nothing.
    /// </param>
    public ParentNamespace Of(Regex pattern)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        return _namespaces.AddParent((name, _) => new(IsMatch(pattern, name)), name => IsMatch(pattern, name));
    }

    /// <summary>Namespaces that clients make by connecting to a name, where a function says so; of several kinds the first counts.</summary>
    /// <param name="matches">Gets the name, and what the client gave as <c>auth</c>, undefined if nothing. If it throws, the client is refused.</param>
    public ParentNamespace Of(Func<string, JsonElement, ValueTask<bool>> matches)
    {
        ArgumentNullException.ThrowIfNull(matches);
        return _namespaces.AddParent(matches, null);
    }

    /// <summary>Is called for each namespace that is made from now on, by the application or by a client, before anybody is in it.</summary>
    /// <returns>Removes the handler when it is disposed.</returns>
    public IDisposable OnNewNamespace(Action<SocketIONamespace> handler) => _namespaces.OnCreated(handler);

    /// <inheritdoc cref="SocketIONamespace.OnConnection(Action{SocketIOSocket})"/>
    public IDisposable OnConnection(Action<SocketIOSocket> handler) => Main.OnConnection(handler);

    /// <inheritdoc cref="SocketIONamespace.OnConnection(Func{SocketIOSocket, Task})"/>
    public IDisposable OnConnection(Func<SocketIOSocket, Task> handler) => Main.OnConnection(handler);

    /// <inheritdoc cref="SocketIONamespace.Use"/>
    public IDisposable Use(Func<SocketIOSocket, Task> middleware) => Main.Use(middleware);

    /// <inheritdoc cref="SocketIONamespace.To"/>
    public BroadcastOperator To(params IReadOnlyCollection<string> rooms) => Main.To(rooms);

    /// <inheritdoc cref="SocketIONamespace.To"/>
    public BroadcastOperator In(params IReadOnlyCollection<string> rooms) => Main.To(rooms);

    /// <inheritdoc cref="SocketIONamespace.Except"/>
    public BroadcastOperator Except(params IReadOnlyCollection<string> rooms) => Main.Except(rooms);

    /// <inheritdoc cref="SocketIONamespace.OnServerSide(string, Func{SocketEvent, Task})"/>
    public IDisposable OnServerSide(string eventName, Func<SocketEvent, Task> handler) => Main.OnServerSide(eventName, handler);

    /// <inheritdoc cref="SocketIONamespace.OnServerSide(string, Action{SocketEvent})"/>
    public IDisposable OnServerSide(string eventName, Action<SocketEvent> handler) => Main.OnServerSide(eventName, handler);

    /// <inheritdoc cref="SocketIONamespace.ServerSideEmitAsync"/>
    public Task ServerSideEmitAsync(string eventName, params object?[] values) => Main.ServerSideEmitAsync(eventName, values);

    /// <inheritdoc cref="SocketIONamespace.ServerSideEmitWithAckAsync"/>
    public Task<BroadcastAcks<T>> ServerSideEmitWithAckAsync<T>(string eventName, params object?[] values) => Main.ServerSideEmitWithAckAsync<T>(eventName, values);

    /// <inheritdoc cref="SocketIONamespace.EmitAsync"/>
    public Task EmitAsync(string eventName, params object?[] values) => Main.EmitAsync(eventName, values);

    /// <summary>
    /// Disconnects everybody, whose handlers are told <see cref="DisconnectReason.ServerShuttingDown"/>, and takes no one any more. Call it before the
    /// <see cref="WebSocketServer"/> stops.
    /// </summary>
    /// <remarks>Adapters end behind it; <see cref="CloseAsync"/> waits for them.</remarks>
    public void Close() => _ = CloseAsync();

    /// <summary>As <see cref="Close"/>, and completes when the adapters have ended too. What goes wrong with them is logged.</summary>
    public Task CloseAsync() => _closed.Value;

    internal SocketIOAdapter MakeAdapter(SocketIONamespace nsp)
    {
        if (Options.Adapter is { } make)
            return make(nsp);

        return Options.ConnectionStateRecovery is { } recovery ? new RecoveringAdapter(nsp, recovery) : new SocketIOAdapter(nsp);
    }

    internal void CloseAdapter(SocketIONamespace nsp) => _ = CloseAdapterAsync(nsp);

    private void MapClient(WebSocketServer server, string path, string folder)
    {
        foreach (var (name, file) in ClientBundle.Read(folder))
            server.MapGet(path + name, (request, _) => file.AnswerAsync(request, Options.Cors?.HeadersFor(request.Origin) ?? []));
    }

    private async Task CloseOnceAsync()
    {
        _engine.Close();
        if (_cleanUp is not null)
            await _cleanUp.DisposeAsync().ConfigureAwait(false);

        await Task.WhenAll(_namespaces.All.Select(CloseAdapterAsync)).ConfigureAwait(false);
        Metrics.Dispose();
    }

    private async Task CloseAdapterAsync(SocketIONamespace nsp)
    {
        try
        {
            await nsp.Adapter.CloseAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // The namespace has gone all the same.
            Log.AdapterFailed(nsp.Name, error);
        }
    }

    private static bool IsMatch(Regex pattern, string name)
    {
        try
        {
            return pattern.IsMatch(name);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }
}
