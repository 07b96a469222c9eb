using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using RawWs.Transport;

namespace RawWs.Host;

/// <summary>The options of the command <c>rawws</c>, and the way from its arguments to <see cref="HostOptions"/>.</summary>
internal sealed partial class CommandLine
{
    // Defaults are applied in OptionsOf and not here: whether --port was given decides what --unix means.
    private readonly Option<string[]?> _hosts = new HostOption<string[]?>("--host")
    {
        Default = ListenAddresses.Localhost,
        Description = "Where to listen: localhost (the default: this machine only), an IP address, or '*' for any address. May be given several times.",
        HelpName = "ADDRESS",
        CustomParser = OptionValues.Hosts,
        Words = ["localhost"],
    };

    private readonly Option<int?> _port = new HostOption<int?>("--port")
    {
        Default = $"{HostOptions.DefaultPort}",
        Description = $"The port to listen on, {HostOptions.DefaultPort} by default; 0 takes any that is free.",
        HelpName = "PORT",
        CustomParser = OptionValues.Port,
    };

    private readonly Option<UnixDomainSocketEndPoint?> _unixSocket = new("--unix")
    {
        Description = "A Unix socket to listen on; without --host and --port, only there.",
        HelpName = "PATH",
        CustomParser = OptionValues.UnixSocket,
    };

    private readonly Option<int?> _maxMessageSize = new HostOption<int?>("--max-message-size")
    {
        Default = "16M",
        Description = "The largest message that is taken, in bytes or with K, M or G, 16M by default; a larger one closes its connection with 1009.",
        HelpName = "SIZE",
        CustomParser = OptionValues.MaxMessageSize,
    };

    private readonly Option<TransportKind?> _transport = new HostOption<TransportKind?>("--transport")
    {
        Default = EventLoopTransport.IsSupported ? "eventloop" : "sockets",
        Description = "What connections come through: eventloop (the default on Linux), or sockets (everywhere).",
        HelpName = "KIND",
        CustomParser = OptionValues.Transport,
        Words = ["eventloop", "sockets"],
    };

    private readonly Option<CompressionMode?> _compression = new HostOption<CompressionMode?>("--compression")
    {
        Default = "shared",
        Description = "permessage-deflate with clients that offer it: off, shared (the default: no memory for idle connections) or dedicated (smaller, at about 300 KiB a connection).",
        HelpName = "MODE",
        CustomParser = OptionValues.Compression,
        Words = ["off", "shared", "dedicated"],
    };

    private readonly Option<int?> _maxReceiveSize = new HostOption<int?>("--max-receive-size")
    {
        Default = "128K",
        Description = "Bytes that are read from a socket at once, at most, 128K by default; 1 shows a test every split that there can be.",
        HelpName = "SIZE",
        CustomParser = OptionValues.MaxReceiveSize,
    };

    private readonly Option<TimeSpan?> _drainTime = new HostOption<TimeSpan?>("--drain-time")
    {
        Default = $"{HostOptions.DefaultDrainSeconds}",
        Description = $"How long open connections get to end after Ctrl+C or SIGTERM, {HostOptions.DefaultDrainSeconds} s by default.",
        HelpName = "SECONDS",
        CustomParser = OptionValues.Seconds,
    };

    private readonly Option<TimeSpan?> _drainWindow = new HostOption<TimeSpan?>("--drain-window")
    {
        Default = $"{HostOptions.DefaultDrainWindowSeconds}",
        Description = $"Over how long the closes of many connections are spread, so that they do not all come back at once, {HostOptions.DefaultDrainWindowSeconds} s by default.",
        HelpName = "SECONDS",
        CustomParser = OptionValues.Seconds,
    };

    private readonly Option<CloseCode?> _drainCode = new HostOption<CloseCode?>("--drain-code")
    {
        Default = "1001",
        Description = "The close code after Ctrl+C or SIGTERM: 1001 (the default: going away) or 1012 (a restart).",
        HelpName = "CODE",
        CustomParser = OptionValues.DrainCode,
        Words = ["1001", "1012"],
    };

    private readonly Option<int?> _history = new HostOption<int?>("--room-history")
    {
        Default = $"{ChatLimits.DefaultHistory} in a chat",
        Description = $"How many of the last messages in a room whoever joins it is sent first; by default {ChatLimits.DefaultHistory} in a chat, and none where messages are passed on as they are.",
        HelpName = "COUNT",
        CustomParser = LimitValues.History,
    };

    private readonly Option<string?> _staticFolder = new HostOption<string?>("--static")
    {
        Default = "none",
        Description = "A folder whose files are served over HTTP, at /; none by default.",
        HelpName = "DIR",
        CustomParser = OptionValues.Folder,
    };

    private readonly LimitOptions _limits = new();

    private readonly TlsArguments _tls = new();

    private readonly ProxyArguments _proxies = new();

    private readonly Option<TimeSpan?> _keepAlive = new HostOption<TimeSpan?>("--keep-alive")
    {
        Default = $"{HostOptions.DefaultKeepAliveSeconds}",
        Description = $"How long a peer may be silent before it is sent a ping, {HostOptions.DefaultKeepAliveSeconds} s by default; set it below the idle timeout of every proxy on the way. Without an answer within 20 s the connection is closed with 1011.",
        HelpName = "SECONDS",
        CustomParser = OptionValues.KeepAlive,
    };

    private readonly OtlpArguments _otlp = new();

    private readonly DashboardArguments _dashboard = new();

    private readonly RedisArguments _redis = new();

    private readonly SocketIOArguments _socketIO;

    private readonly Option<LogLevel?> _logLevel = new HostOption<LogLevel?>("--log-level")
    {
        Default = "information",
        Description = "What to log on standard error: trace, debug, information (the default), warning, error, critical or none.",
        HelpName = "LEVEL",
        CustomParser = OptionValues.LogLevelOf,
        Words = ["trace", "debug", "information", "warning", "error", "critical", "none"],
    };

    private readonly Option<OutputFormat?> _logFormat = new HostOption<OutputFormat?>("--log-format")
    {
        Default = "plain",
        Description = "How the log is written, one line a record: plain (the default) or json.",
        HelpName = "FORMAT",
        CustomParser = OptionValues.FormatOf,
        Words = ["plain", "json"],
    };

    private readonly RootCommand _root;

    /// <param name="runAsync">What the command does; returns the exit code.</param>
    public CommandLine(Func<HostOptions, Task<int>> runAsync)
    {
        _root = new RootCommand("A WebSocket server (RFC 6455). Serves an echo at /echo, a broadcast to everybody at /broadcast, and rooms at /rooms/NAME; over HTTP a chat at /, /healthz, /readyz, /metrics, and a dashboard at /_rawws.")
        {
            _configFile, _hosts, _port, _unixSocket, _maxMessageSize, _transport, _compression, _maxReceiveSize, _drainTime, _drainWindow, _drainCode, _history, _staticFolder, _logLevel, _logFormat,
        };
        _socketIO = new SocketIOArguments(_redis);
        _socketIO.AddTo(_root);
        _limits.AddTo(_root);
        _tls.AddTo(_root);
        _proxies.AddTo(_root);
        _root.Options.Add(_keepAlive);
        _otlp.AddTo(_root);
        _dashboard.AddTo(_root);
        _redis.AddTo(_root);
        _root.Validators.Add(CheckDrain);
        _configCommand = ConfigCommand.Create(_root, () => _settings, () => _warnings, _tls.ValuesOf);
        _root.Subcommands.Add(_configCommand);
        _root.Subcommands.Add(CompletionCommand.Create());
        _root.Subcommands.Add(DevCertificateCommand.Create());
        _root.Subcommands.Add(SendCommand.Create());
        _root.Subcommands.Add(ListenCommand.Create());
        _root.Subcommands.Add(BenchCommand.Create());
        _root.SetAction((result, _) => runAsync(OptionsOf(result)));
    }

    // No response files: an argument that begins with @ is what it says.
    public ParseResult Parse(IReadOnlyList<string> args) => _root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });

    /// <param name="result">One without errors.</param>
    public HostOptions OptionsOf(ParseResult result)
    {
        var (port, unixSocket) = (result.GetValue(_port), result.GetValue(_unixSocket));
        var defaults = new HostOptions();

        // An array that was not given is empty.
        var hosts = result.GetValue(_hosts) is { Length: > 0 } given ? given : null;

        return new HostOptions
        {
            Hosts = hosts ?? (unixSocket is not null && port is null ? [] : defaults.Hosts),
            Port = port ?? defaults.Port,
            UnixSocket = unixSocket,
            MaxMessageSize = result.GetValue(_maxMessageSize) ?? defaults.MaxMessageSize,
            Transport = result.GetValue(_transport) ?? defaults.Transport,
            Compression = result.GetValue(_compression) ?? defaults.Compression,
            MaxReceiveSize = result.GetValue(_maxReceiveSize) ?? defaults.MaxReceiveSize,
            DrainTime = DrainTimeOf(result),
            DrainWindow = result.GetValue(_drainWindow) ?? DefaultWindowFor(DrainTimeOf(result)),
            DrainCode = result.GetValue(_drainCode) ?? defaults.DrainCode,
            RoomHistory = result.GetValue(_history),
            StaticFolder = result.GetValue(_staticFolder),
            SocketIO = _socketIO.ValuesOf(result),
            Limits = _limits.ValuesOf(result),
            Tls = _tls.ValuesOf(result),
            Dashboard = _dashboard.ValuesOf(result),
            Proxies = _proxies.ValuesOf(result),
            KeepAlive = result.GetValue(_keepAlive) ?? defaults.KeepAlive,
            LogLevel = result.GetValue(_logLevel) ?? defaults.LogLevel,
            LogFormat = result.GetValue(_logFormat) ?? defaults.LogFormat,
            Otlp = _otlp.ValueOf(result),
            Redis = _redis.ValueOf(result),
            Warnings = _warnings,
        };
    }

    private TimeSpan DrainTimeOf(ParseResult result) => result.GetValue(_drainTime) ?? TimeSpan.FromSeconds(HostOptions.DefaultDrainSeconds);

    // Whoever wants to be done sooner need not say it twice.
    private static TimeSpan DefaultWindowFor(TimeSpan drainTime)
        => TimeSpan.FromTicks(Math.Min(TimeSpan.FromSeconds(HostOptions.DefaultDrainWindowSeconds).Ticks, drainTime.Ticks / 2));

    private void CheckDrain(CommandResult result)
    {
        // From the words and not from the values: a value that is wrong by itself has its own error, and can't be asked for.
        if (result.GetResult(_drainWindow)?.Tokens is not [var windowText] || !OptionValues.TryParseSeconds(windowText.Value, out var window))
            return;

        var time = TimeSpan.FromSeconds(HostOptions.DefaultDrainSeconds);
        if (result.GetResult(_drainTime)?.Tokens is [var timeText] && !OptionValues.TryParseSeconds(timeText.Value, out time))
            return;

        if (window > time)
            result.AddError($"--drain-window is {window.TotalSeconds} s, longer than the {time.TotalSeconds} s of --drain-time; make it shorter, or the time longer.");
    }
}
