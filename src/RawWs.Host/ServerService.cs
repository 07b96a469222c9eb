using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RawWs.Redis;
using RawWs.SocketIO;
using RawWs.Transport;

namespace RawWs.Host;

/// <summary>The server within the host: what it serves, and its start and stop.</summary>
internal sealed class ServerService(HostOptions options, ILoggerFactory loggerFactory) : IHostedService, IAsyncDisposable
{
    /// <summary>How often another free port is tried when one that was free on one address turns out to be taken on the next.</summary>
    private const int MaxPortAttempts = 10;

    /// <summary>The server's meters, that of Redis, and that of the runtime.</summary>
    public static readonly IReadOnlyList<string> Meters = ["RawWs", "RawWs.SocketIO", "RawWs.Redis", "System.Runtime"];

    /// <summary>The server's source of spans.</summary>
    public const string ActivitySource = "RawWs";

    // Before any server: what it counts is counted from its beginning.
    private readonly MetricsCollector _metrics = new([.. Meters]);
    private WebSocketServer? _server;
    private SocketIOServer? _socketIO;
    private IRedisClient? _socketIORedis;

    /// <summary>Where it really listens. Empty before the start.</summary>
    public IReadOnlyList<EndPoint> EndPoints => _server?.EndPoints ?? [];

    /// <inheritdoc/>
    /// <exception cref="IOException">An end point can't be had.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var addresses = options.InheritedSockets.Count == 0 ? ListenAddresses.Resolve(options.Hosts) : [];

        // Each address would get a port of its own for 0, and a name has only one.
        var needsCommonPort = options.Port == 0 && addresses.Count > 1;

        for (var attempt = 1; ; attempt++)
        {
            // An address that this machine does not have has no free port; starting says so.
            var port = needsCommonPort ? ListenAddresses.FindFreePort(addresses[0]) : null;
            _server = NewServer(addresses, port ?? options.Port);
            try
            {
                await _server.StartAsync();
                return;
            }
            catch (IOException error) when (port is not null && attempt < MaxPortAttempts && IsTaken(error))
            {
                await EndServerAsync();
            }
        }
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        // Whoever polls has no connection that could be drained.
        _socketIO?.Close();
        return _server?.StopAsync(new DrainOptions { CloseCode = options.DrainCode, Window = options.DrainWindow }, cancellationToken) ?? Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // What adapters still have to say goes before their client.
        await EndServerAsync();
        if (_socketIORedis is not null)
            await _socketIORedis.DisposeAsync();

        _metrics.Dispose();
    }

    private async Task EndServerAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();

        // Its adapters would answer for it as long as their client lives, which is that of the next one too.
        if (_socketIO is not null)
            await _socketIO.CloseAsync();
    }

    // Whatever else is wrong, a certificate for example, is wrong with any port. Windows denies access to a port that another program has for itself.
    private static bool IsTaken(IOException error) => error.InnerException is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse or SocketError.AccessDenied };

    private List<EndPoint> EndPointsFor(IReadOnlyList<IPAddress> addresses, int port)
    {
        if (options.InheritedSockets.Count > 0)
            return [.. options.InheritedSockets.Select(descriptor => new InheritedEndPoint(descriptor))];

        return [.. addresses.Select(address => new IPEndPoint(address, port)), .. options.UnixSocket is { } unix ? [unix] : Array.Empty<EndPoint>()];
    }

    // Null if there are no other nodes.
    private Func<SocketIONamespace, SocketIOAdapter>? NewAdapters()
        => options.Redis is { } redis ? redis.AdapterOver(_socketIORedis ??= redis.NewClient(loggerFactory)) : null;

    private WebSocketServer NewServer(IReadOnlyList<IPAddress> addresses, int port)
    {
        // The server disposes it, with the connections that it keeps.
        var backplane = options.Redis?.NewBackplane(loggerFactory);
        var instance = backplane?.Node ?? RandomNumberGenerator.GetHexString(16, lowercase: true);
        var serverOptions = new WebSocketServerOptions
        {
            EndPoints = EndPointsFor(addresses, port),
            MaxMessageSize = options.MaxMessageSize,
            MaxReceiveSize = options.MaxReceiveSize,
            Transport = options.Transport switch
            {
                TransportKind.Sockets => new SocketTransport(),
                TransportKind.EventLoop => new EventLoopTransport(),
                _ => null,
            },
            Compression = options.Compression,
            MaxRoomNameLength = RoomSession.MaxPathLength,
            Subprotocols = [Chat.Subprotocol],
            RoomOptions = name => Chat.RoomOptionsFor(name, options.RoomHistory ?? ChatLimits.DefaultHistory, instance) ?? RoomSession.RoomOptionsFor(name, options.RoomHistory ?? 0),
            Tls = options.Tls?.ToOptions(),
            RoomBackplane = backplane,
            LoggerFactory = loggerFactory,
        };
        options.ApplyKeepAliveTo(serverOptions);
        options.Limits.ApplyTo(serverOptions);
        options.Proxies.ApplyTo(serverOptions);

        var server = new WebSocketServer(serverOptions);
        server.Map(EchoSession.Path, EchoSession.Events);

        // Messages here say nothing of what they are newer values of: with conflation, all of a room are values of one thing.
        var rooms = new RoomSession(server, new SendOptions { ConflationKey = options.Limits.SlowConsumer == SlowConsumerPolicy.Conflate ? "" : null });
        server.Map(RoomSession.BroadcastPath, rooms.RunAsync);
        var chat = new Chat(server, TimeProvider.System, instance);
        server.Rooms.MessagesLost += chat.TellMissed;
        server.Map(RoomSession.RoomsPath, (connection, cancellationToken)
            => connection.Subprotocol == Chat.Subprotocol ? chat.RunAsync(connection, cancellationToken) : rooms.RunAsync(connection, cancellationToken));

        new StatusRoutes(server, _metrics, backplane).Map();
        if (options.HasDashboard)
            new Dashboard(options.Dashboard, new DashboardSampler(server, _metrics, options, TimeProvider.System), TimeProvider.System, loggerFactory.CreateLogger("RawWs")).MapTo(server);

        if (options.SocketIO.IsEnabled)
            _socketIO = SocketIOChat.MapTo(server, options, loggerFactory, NewAdapters());

        if (options.StaticFolder is { } folder)
            server.MapFiles("/", folder);
        else
            ChatPage.MapTo(server);

        return server;
    }
}
