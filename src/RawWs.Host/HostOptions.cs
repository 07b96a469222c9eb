using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace RawWs.Host;

/// <summary>What the command line asks for, parsed and validated.</summary>
internal sealed record HostOptions
{
    public const int DefaultPort = 3000;
    public const int DefaultMaxMessageSize = 16 << 20;
    public const double DefaultDrainSeconds = 10;
    public const double DefaultKeepAliveSeconds = 20;
    public const double DefaultDrainWindowSeconds = 2;

    /// <summary>More than deadlines are late, so that the one that comes later is.</summary>
    private static readonly TimeSpan IdleMargin = TimeSpan.FromSeconds(20);

    /// <summary>Any of <see cref="ListenAddresses.Localhost"/>, <see cref="ListenAddresses.Any"/> and IP addresses. Empty: only the Unix socket.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [ListenAddresses.Localhost];

    /// <summary>The port of all <see cref="Hosts"/>; 0 for any that is free on all of them.</summary>
    public int Port { get; init; } = DefaultPort;

    public UnixDomainSocketEndPoint? UnixSocket { get; init; }

    /// <summary>Descriptors of sockets that listen already. If there are any, they are in the place of all others.</summary>
    public IReadOnlyList<int> InheritedSockets { get; init; } = [];

    public int MaxMessageSize { get; init; } = DefaultMaxMessageSize;

    public int MaxReceiveSize { get; init; } = 128 << 10;

    public TransportKind? Transport { get; init; }

    public CompressionMode Compression { get; init; } = CompressionMode.Shared;

    /// <summary>How long open connections get to end when the host stops.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(DefaultDrainSeconds);

    /// <summary>Over how long the closes are spread.</summary>
    public TimeSpan DrainWindow { get; init; } = TimeSpan.FromSeconds(DefaultDrainWindowSeconds);

    /// <summary>The close code that tells clients why.</summary>
    public CloseCode DrainCode { get; init; } = CloseCode.GoingAway;

    /// <summary>How many messages a room keeps for those who join; null for what is usual, which is some in a chat and none elsewhere.</summary>
    public int? RoomHistory { get; init; }

    /// <summary>The folder whose files are served over HTTP, null for none.</summary>
    public string? StaticFolder { get; init; }

    public SocketIOSettings SocketIO { get; init; } = new();

    /// <summary>What TLS is made of, null if it is not spoken.</summary>
    public TlsFiles? Tls { get; init; }

    /// <summary>Whether there is a dashboard, and for whom.</summary>
    public DashboardOptions Dashboard { get; init; } = new();

    /// <summary>
    /// Whether there is a dashboard for anybody. Without a token there is none behind proxies: of whom they do not name, or name as they like, nobody knows whether he is on
    /// this machine.
    /// </summary>
    public bool HasDashboard => Dashboard.IsEnabled && (Dashboard.Token is not null || (Proxies.Trusted is null && !Proxies.ProxyProtocol));

    public ProxySettings Proxies { get; init; } = new();

    /// <summary>How long a peer may be silent before it is sent a ping.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(DefaultKeepAliveSeconds);

    /// <summary>What it sets: silent peers are pinged, and have their time to answer, before their silence ends the connection.</summary>
    /// <param name="options">Those of the server, with what the library has by default.</param>
    public void ApplyKeepAliveTo(WebSocketServerOptions options)
    {
        options.KeepAliveInterval = KeepAlive;
        var enough = KeepAlive + options.KeepAliveTimeout + IdleMargin;
        if (options.IdleTimeout < enough)
            options.IdleTimeout = enough;
    }

    public ServerLimits Limits { get; init; } = new();

    public LogLevel LogLevel { get; init; } = LogLevel.Information;

    /// <summary>How records of the log are written: one line each, whichever it is.</summary>
    public OutputFormat LogFormat { get; init; } = OutputFormat.Plain;

    /// <summary>Where telemetry is sent to; null: it is not sent.</summary>
    public OtlpTarget? Otlp { get; init; }

    /// <summary>The Redis that rooms are shared through with other nodes, null if there are none.</summary>
    public RedisTarget? Redis { get; init; }

    /// <summary>What is to be logged of what was set, and is no reason not to start.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
