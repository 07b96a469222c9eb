using System.IO.Compression;
using System.Net;
using Microsoft.Extensions.Logging;
using RawWs.Compression;
using RawWs.Connections;
using RawWs.Diagnostics;
using RawWs.Http;
using RawWs.Protocol;
using RawWs.Rooms;
using RawWs.Transport;

namespace RawWs.Server;

/// <summary>What the connections of a server share.</summary>
internal sealed class ServerCore : IDisposable
{
    private DrainOptions? _drainOptions;

    public ServerCore(WebSocketServerOptions options, Routes<SessionRoute> routes, Routes<HttpRoute> httpRoutes)
    {
        (Options, Routes, HttpRoutes) = (options, routes, httpRoutes);
        Logger = new SteadyLogger(options.LoggerFactory.CreateLogger("RawWs"));
        Metrics = new ServerMetrics();
        try
        {
            Refusals = new Refusals(Metrics, options.TimeProvider, Logger);
            Wheels = new DeadlineWheels(options.TimeProvider, Logger);
            Transport = (options.Transport ?? DefaultTransport()) switch
            {
                SocketTransport => SocketTransport.For(SocketOptionsOf(options), options.TimeProvider),
                EventLoopTransport loops => loops.For(SocketOptionsOf(options), options.TimeProvider),
                var other => other,
            };
            HeadLimits = new RequestHeadLimits(options.MaxRequestLineSize, options.MaxRequestHeadSize, options.MaxHeaderCount);
            ExchangeSettings = new ExchangeSettings(options.TimeProvider, Metrics, Logger);
            DeflateStates = MakeDeflateStates(options, Metrics, Logger);
            ConnectionSettings = SettingsOf(options);
            Metrics.ObserveQueues(ConnectionSettings.SendLimits.Backlogs.Measure);
            Rooms = new RoomDirectory(RoomSettingsOf(options), Wheels);
            TrustedPeers = new TrustedPeers(options);
            Admission = new Admission(this);
            Metrics.ObserveConnections(CountConnections);
            TlsReports = new TlsReports(Metrics, options.TimeProvider, Logger);
            ProxyReports = new ProxyReports(Metrics, options.TimeProvider, Logger);
            Tls = options.Tls is null ? null : new TlsAcceptor(options.Tls, options.TimeProvider, TlsReports);
        }
        catch
        {
            // Whoever listens to metrics would ask it as long as the process lives. What else has been made holds nothing yet.
            Metrics.Dispose();
            throw;
        }
    }

    public WebSocketServerOptions Options { get; }

    /// <summary>Which session serves which path.</summary>
    public Routes<SessionRoute> Routes { get; }

    /// <summary>What answers requests that are no opening handshakes.</summary>
    public Routes<HttpRoute> HttpRoutes { get; }

    public ILogger Logger { get; }

    public ServerMetrics Metrics { get; }

    public Refusals Refusals { get; }

    public DeadlineWheels Wheels { get; }

    public ITransport Transport { get; }

    /// <summary>What lets connections speak TLS; null where they do not.</summary>
    public TlsAcceptor? Tls { get; }

    public TlsReports TlsReports { get; }

    /// <summary>Who is believed about whom it connects for.</summary>
    public TrustedPeers TrustedPeers { get; }

    public ProxyReports ProxyReports { get; }

    public RequestHeadLimits HeadLimits { get; }

    public ExchangeSettings ExchangeSettings { get; }

    /// <summary>The states of permessage-deflate; null where it is off or can't be had.</summary>
    public DeflateStates? DeflateStates { get; }

    public ConnectionSettings ConnectionSettings { get; }

    public RoomDirectory Rooms { get; }

    public Admission Admission { get; }

    /// <summary>How the server is stopping; null while it is not.</summary>
    public DrainOptions? DrainOptions => Volatile.Read(ref _drainOptions);

    /// <summary>Whether the server is stopping, and opens no connection any more.</summary>
    public bool IsDraining => DrainOptions is not null;

    /// <summary>Begins to share rooms with other nodes. Nobody waits for that.</summary>
    public void StartRooms() => _ = Rooms.Broadcaster.Backplane.StartAsync(Rooms);

    /// <summary>Loads what TLS needs.</summary>
    /// <exception cref="IOException">A certificate can't be loaded.</exception>
    public void LoadTls()
    {
        Tls?.Load();
        TlsReports.OnStarted();
    }

    public async Task AcceptLoopAsync(ITransportListener listener)
    {
        // Unix sockets do not leave the machine.
        var tls = listener.EndPoint is IPEndPoint ? Tls : null;
        try
        {
            while (await listener.AcceptAsync().ConfigureAwait(false) is { } accepted)
            {
                var carried = Options.ProxyProtocol ? new ProxiedConnection(accepted) : accepted;
                var transport = tls?.Accept(carried) ?? carried;
                if (!TryBegin(transport))
                    await DropAsync(transport).ConfigureAwait(false);
            }
        }
        catch (Exception error)
        {
            // The top of the loop. Listeners do not throw here; one that does is not asked again, and stopping waits for it no longer.
            ServerLog.AcceptingFailed(Logger, listener.EndPoint, error);
        }
    }

    /// <summary>From now on no connection opens.</summary>
    /// <returns>Those that are open, and those that are in their handshake.</returns>
    public ServedConnection[] BeginDrain(DrainOptions options)
    {
        // In this order: whoever is refused for it finds it.
        Volatile.Write(ref _drainOptions, options);
        return Admission.BeginDrain();
    }

    /// <summary>Resets a connection that has not been admitted. Never fails.</summary>
    public async Task DropAsync(TransportConnection transport)
    {
        try
        {
            transport.Abort();
            await transport.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // The top of a connection that never was one. Transports do not throw here; one that does must not end the accept loop.
            ServerLog.DroppingFailed(Logger, error);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Tls?.Dispose();
        DeflateStates?.Dispose();
        Wheels.Dispose();
        Metrics.Dispose();
    }

    /// <returns>Whether it is served; otherwise it is not admitted.</returns>
    private bool TryBegin(TransportConnection transport)
    {
        ServedConnection? connection = null;
        try
        {
            connection = Admission.Admit(transport);
            if (connection is null)
                return false;

            // Where its work belongs, and not here: the next connection does not wait for what this one has sent already. But from here on it
            // is one of ours, so that stopping waits for it.
            transport.Scheduler.Schedule(static connection => _ = ((ServedConnection)connection!).RunAsync(), connection);
            return true;
        }
        catch (Exception error)
        {
            // Whatever keeps this connection from beginning, others come after it.
            ServerLog.BeginningFailed(Logger, error);
            if (connection is not null)
                Admission.Remove(connection);

            return false;
        }
    }

    // The two are not counted at one moment: a connection may open or end between.
    private ConnectionCounts CountConnections()
    {
        var running = Rooms.Broadcaster.Count;
        var (total, admitted, handshakes, _) = Admission.Counts;
        var opened = admitted - handshakes;
        var open = Math.Min(running, opened);
        return new ConnectionCounts(handshakes, open, Closing: opened - open, Refused: total - admitted);
    }

    private static ITransport DefaultTransport() => EventLoopTransport.IsSupported ? new EventLoopTransport() : new SocketTransport();

    private SocketTransportOptions SocketOptionsOf(WebSocketServerOptions options)
    {
        var errors = new AcceptErrors(Metrics, options.TimeProvider, Logger);
        var loops = new LoopFaults(Metrics, options.TimeProvider, Logger);
        return new SocketTransportOptions(options.Backlog, UnacknowledgedTimeoutOf(options), options.MaxReceiveSize)
        {
            OnAcceptFailed = errors.Report,
            OnDropped = () => Refusals.Report(RefusalReason.DescriptorsShort),
            OnLoopStalled = loops.ReportStall,
            OnLoopFailed = loops.ReportFailure,
        };
    }

    private ConnectionSettings SettingsOf(WebSocketServerOptions options) => new()
    {
        Limits = new MessageLimits(options.MaxMessageSize, options.MaxStreamedMessageSize, options.MaxFragmentCount)
        {
            Memory = new ReceiveMemory(options.MaxReceiveMemory, () => Refusals.Report(RefusalReason.ReceiveMemory)),
        },
        KeepAliveInterval = TicksOf(options.KeepAliveInterval),
        KeepAliveTimeout = TicksOf(options.KeepAliveTimeout),
        IdleTimeout = TicksOf(options.IdleTimeout),
        MessageTimeout = TicksOf(options.MessageTimeout),
        WriteTimeout = TicksOf(options.WriteTimeout),
        CloseTimeout = TicksOf(options.CloseTimeout),
        AutomaticPong = options.AutomaticPong,
        DeflateStates = DeflateStates,
        CompressionThreshold = options.CompressionThreshold,
        SendLimits = new SendLimits
        {
            MaxQueueSize = options.MaxSendQueueSize,
            MaxQueueCount = options.MaxSendQueueCount,
            SendPolicy = options.SendPolicy,
            BroadcastPolicy = options.BroadcastPolicy,
            Backlogs = new Backlogs(options.MaxSendQueueMemory),
        },
        MaxMessageRate = options.MaxMessageRate,
        MaxByteRate = options.MaxByteRate,
        MaxControlFrameRate = options.MaxControlFrameRate,
        Refusals = Refusals,
        Wheels = Wheels,
        Time = options.TimeProvider,
        Metrics = Metrics,
        Logger = Logger,
    };

    private RoomSettings RoomSettingsOf(WebSocketServerOptions options) => new()
    {
        MaxRoomCount = options.MaxRoomCount,
        MaxRoomNameLength = options.MaxRoomNameLength,
        MaxRoomsPerConnection = options.MaxRoomsPerConnection,
        MaxHistoryMemory = options.MaxHistoryMemory,
        OptionsOf = name => options.RoomOptions?.Invoke(name) ?? RoomOptions.Default,
        PacingTimeout = options.PacingTimeout,
        Backplane = options.RoomBackplane ?? new LocalBackplane(),
        Time = options.TimeProvider,
        Refusals = Refusals,
        Metrics = Metrics,
        Logger = Logger,
    };

    private static DeflateStates? MakeDeflateStates(WebSocketServerOptions options, ServerMetrics metrics, ILogger logger)
    {
        if (options.Compression == CompressionMode.Off)
            return null;

        if (options.WhyNoZlib() is not { } reason)
            return new DeflateStates(LevelOf(options.CompressionLevel), options.MaxCompressionMemory, metrics.InflateAlarm, metrics.MessageInflated);

        ServerLog.CompressionUnavailable(logger, reason);
        return null;
    }

    // As System.IO.Compression maps them to zlib's; level 1 is its fastest that compresses.
    private static int LevelOf(CompressionLevel level) => level switch
    {
        CompressionLevel.SmallestSize => 9,
        CompressionLevel.Optimal => 6,
        CompressionLevel.NoCompression => 0,
        _ => 1,
    };

    private static long TicksOf(TimeSpan time) => time == Timeout.InfiniteTimeSpan ? long.MaxValue : time.Ticks;

    // The kernel gives up on a peer that acknowledges nothing when keep-alive would: it also covers what is lost while nobody reads.
    private static TimeSpan UnacknowledgedTimeoutOf(WebSocketServerOptions options)
        => options.KeepAliveInterval == Timeout.InfiniteTimeSpan || options.KeepAliveTimeout == Timeout.InfiniteTimeSpan
            ? TimeSpan.Zero
            : options.KeepAliveInterval + options.KeepAliveTimeout;
}
