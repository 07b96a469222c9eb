using System.IO.Compression;
using Microsoft.Extensions.Logging;
using RawWs.Compression;
using RawWs.Connections;
using RawWs.Diagnostics;
using RawWs.Protocol;
using RawWs.Rooms;
using RawWs.Transport;

namespace RawWs.Server;

/// <summary>What the connections of a server share, and the set of them: each is in it from its acceptance to its end.</summary>
internal sealed class ServerCore : IDisposable
{
    /// <summary>How long is waited, after the deadline has aborted what was left, for sessions to notice.</summary>
    private static readonly TimeSpan LastWait = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private readonly HashSet<ServedConnection> _connections = [];
    private TaskCompletionSource? _drained;
    private int _admittedCount;
    private long _lastId;

    public ServerCore(WebSocketServerOptions options, Routes routes)
    {
        (Options, Routes) = (options, routes);
        Logger = options.LoggerFactory.CreateLogger("RawWs");
        Metrics = new ServerMetrics();
        Wheel = new DeadlineWheel(options.TimeProvider, Logger);
        Transport = options.Transport ?? new SocketTransport(
            new SocketTransportOptions(options.Backlog, UnacknowledgedTimeoutOf(options), options.MaxReceiveSize), options.TimeProvider, Logger);
        HeadLimits = new RequestHeadLimits(options.MaxRequestLineSize, options.MaxRequestHeadSize, options.MaxHeaderCount);
        DeflateStates = MakeDeflateStates(options, Metrics, Logger);
        ConnectionSettings = SettingsOf(options);
        Rooms = new RoomDirectory(RoomSettingsOf(options), Wheel);
    }

    public WebSocketServerOptions Options { get; }

    public Routes Routes { get; }

    public ILogger Logger { get; }

    public ServerMetrics Metrics { get; }

    public DeadlineWheel Wheel { get; }

    public ITransport Transport { get; }

    public RequestHeadLimits HeadLimits { get; }

    /// <summary>The states of permessage-deflate; null where it is off or can't be had.</summary>
    public DeflateStates? DeflateStates { get; }

    public ConnectionSettings ConnectionSettings { get; }

    public RoomDirectory Rooms { get; }

    /// <summary>Whether the server is stopping, and opens no connection any more.</summary>
    public bool IsDraining => Volatile.Read(ref _drained) is not null;

    public int ConnectionCount
    {
        get
        {
            lock (_gate)
            {
                return _connections.Count;
            }
        }
    }

    /// <summary>Begins to share rooms with other nodes. Nobody waits for that.</summary>
    public void StartRooms() => _ = Rooms.Broadcaster.Backplane.StartAsync(Rooms.Broadcaster.DeliverFromElsewhere);

    public async Task AcceptLoopAsync(ITransportListener listener)
    {
        while (await listener.AcceptAsync().ConfigureAwait(false) is { } transport)
        {
            // Where its work belongs, and not here: the next connection does not wait for what this one has sent already. But from here on it
            // is one of ours, so that stopping waits for it.
            transport.Scheduler.Schedule(static connection => _ = ((ServedConnection)connection!).RunAsync(), Admit(transport));
        }
    }

    /// <summary>Makes a connection one of the server's. The caller runs it.</summary>
    public ServedConnection Admit(TransportConnection transport)
    {
        lock (_gate)
        {
            // Whoever is refused because the server is full takes nobody's place until it has gone.
            var isFull = _admittedCount >= Options.MaxConnections;
            _admittedCount += isFull ? 0 : 1;

            var connection = new ServedConnection(this, transport, ++_lastId, isFull);
            _connections.Add(connection);
            return connection;
        }
    }

    public void Remove(ServedConnection connection)
    {
        lock (_gate)
        {
            _connections.Remove(connection);
            _admittedCount -= connection.IsRefused ? 0 : 1;
            if (_connections.Count == 0)
                _drained?.TrySetResult();
        }
    }

    /// <summary>Closes all connections, and aborts at the deadline those that are left.</summary>
    public async Task DrainAsync(Task deadline)
    {
        ServedConnection[] connections;
        var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        lock (_gate)
        {
            connections = [.. _connections];
            _drained = drained;
            if (connections.Length == 0)
                drained.TrySetResult();
        }

        if (connections.Length > 0)
            ServerLog.Stopping(Logger, connections.Length);

        foreach (var connection in connections)
            connection.BeginDrain();

        await Task.WhenAny(drained.Task, deadline).ConfigureAwait(false);
        if (!drained.Task.IsCompleted)
            await AbortAllAsync(drained.Task).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        DeflateStates?.Dispose();
        Wheel.Dispose();
        Metrics.Dispose();
    }

    private async Task AbortAllAsync(Task drained)
    {
        ServedConnection[] left;
        lock (_gate)
        {
            left = [.. _connections];
        }

        ServerLog.Aborting(Logger, left.Length);
        foreach (var connection in left)
            connection.Abort();

        // A session that does not return can't be made to; it holds up nobody else.
        await drained.WaitAsync(LastWait, Options.TimeProvider).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private ConnectionSettings SettingsOf(WebSocketServerOptions options) => new()
    {
        Limits = new MessageLimits(options.MaxMessageSize, options.MaxStreamedMessageSize, options.MaxFragmentCount),
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
        Wheel = Wheel,
        Time = options.TimeProvider,
        Metrics = Metrics,
        Logger = Logger,
    };

    private RoomSettings RoomSettingsOf(WebSocketServerOptions options) => new()
    {
        MaxRoomCount = options.MaxRoomCount,
        MaxRoomNameLength = options.MaxRoomNameLength,
        MaxRoomsPerConnection = options.MaxRoomsPerConnection,
        OptionsOf = name => options.RoomOptions?.Invoke(name) ?? RoomOptions.Default,
        PacingTimeout = options.PacingTimeout,
        Backplane = options.RoomBackplane ?? new LocalBackplane(),
        Time = options.TimeProvider,
        Metrics = Metrics,
        Logger = Logger,
    };

    private static DeflateStates? MakeDeflateStates(WebSocketServerOptions options, ServerMetrics metrics, ILogger logger)
    {
        if (options.Compression == CompressionMode.Off)
            return null;

        if (options.WhyNoZlib() is not { } reason)
            return new DeflateStates(LevelOf(options.CompressionLevel), options.MaxCompressionMemory, metrics.InflateAlarm);

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
