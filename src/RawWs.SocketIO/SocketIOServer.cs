using System.Collections.Concurrent;
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
    private readonly ConcurrentDictionary<string, SocketIONamespace> _namespaces = new(StringComparer.Ordinal);
    private readonly EngineServer _engine;

    /// <summary>Adds Socket.IO to a server that has not been started. Its other paths stay what they are.</summary>
    /// <param name="server">The server.</param>
    /// <param name="options">How Socket.IO behaves. Null for the defaults.</param>
    /// <exception cref="ArgumentException">Its path is mapped already, or <see cref="SocketIOServerOptions.ClientFolder"/> has no client.</exception>
    /// <exception cref="IOException">A file of the client can't be read.</exception>
    /// <exception cref="InvalidOperationException">The server has been started.</exception>
    public SocketIOServer(WebSocketServer server, SocketIOServerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(server);
        Options = options ?? new SocketIOServerOptions();
        Json = new ValueJson(Options.Json, Options.MaxJsonDepth);
        Log = new SocketIOLog(Options.LoggerFactory.CreateLogger("RawWs.SocketIO"));
        Main = Of("/");
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

    internal SocketIOLog Log { get; }

    private SocketIONamespace Main { get; }

    /// <summary>A namespace, which is there from then on. Clients connect only to those that are there.</summary>
    /// <param name="name">Its name; a slash is put before it if it has none.</param>
    public SocketIONamespace Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Contains(',', StringComparison.Ordinal))
            throw new ArgumentException("The name of a namespace has no comma: on the wire it ends with one.", nameof(name));

        return _namespaces.GetOrAdd(name is ['/', ..] ? name : "/" + name, static (name, server) => new(name, server.Options, server.Json, server.Log), this);
    }

    /// <inheritdoc cref="SocketIONamespace.OnConnection(Action{SocketIOSocket})"/>
    public void OnConnection(Action<SocketIOSocket> handler) => Main.OnConnection(handler);

    /// <inheritdoc cref="SocketIONamespace.OnConnection(Func{SocketIOSocket, Task})"/>
    public void OnConnection(Func<SocketIOSocket, Task> handler) => Main.OnConnection(handler);

    /// <inheritdoc cref="SocketIONamespace.Use"/>
    public void Use(Func<SocketIOSocket, Task> middleware) => Main.Use(middleware);

    /// <inheritdoc cref="SocketIONamespace.To"/>
    public BroadcastOperator To(params IReadOnlyCollection<string> rooms) => Main.To(rooms);

    /// <inheritdoc cref="SocketIONamespace.To"/>
    public BroadcastOperator In(params IReadOnlyCollection<string> rooms) => Main.To(rooms);

    /// <inheritdoc cref="SocketIONamespace.Except"/>
    public BroadcastOperator Except(params IReadOnlyCollection<string> rooms) => Main.Except(rooms);

    /// <inheritdoc cref="SocketIONamespace.EmitAsync"/>
    public Task EmitAsync(string eventName, params object?[] values) => Main.EmitAsync(eventName, values);

    /// <summary>
    /// Disconnects everybody, whose handlers are told <see cref="DisconnectReason.ServerShuttingDown"/>, and takes no one any more. Call it before the
    /// <see cref="WebSocketServer"/> stops.
    /// </summary>
    public void Close() => _engine.Close();

    private void MapClient(WebSocketServer server, string path, string folder)
    {
        foreach (var (name, file) in ClientBundle.Read(folder))
            server.MapGet(path + name, (request, _) => file.AnswerAsync(request, Options.Cors?.HeadersFor(request.Origin) ?? []));
    }

    internal SocketIONamespace? Find(string name) => _namespaces.GetValueOrDefault(name);
}
