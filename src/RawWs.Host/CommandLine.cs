using System.CommandLine;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace RawWs.Host;

/// <summary>The options of the command <c>rawws</c>, and the way from its arguments to <see cref="HostOptions"/>.</summary>
internal sealed class CommandLine
{
    // Defaults are applied in OptionsOf and not here: whether --port was given decides what --unix means.
    private readonly Option<string[]?> _hosts = new("--host")
    {
        Description = "Where to listen: localhost (the default: this machine only), an IP address, or '*' for any address. May be given several times.",
        HelpName = "ADDRESS",
        CustomParser = OptionValues.Hosts,
    };

    private readonly Option<int?> _port = new("--port")
    {
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

    private readonly Option<int?> _maxMessageSize = new("--max-message-size")
    {
        Description = "The largest message that is taken, in bytes or with K, M or G, 16M by default; a larger one closes its connection with 1009.",
        HelpName = "SIZE",
        CustomParser = OptionValues.MaxMessageSize,
    };

    private readonly Option<CompressionMode?> _compression = new("--compression")
    {
        Description = "permessage-deflate with clients that offer it: off, shared (the default: no memory for idle connections) or dedicated (smaller, at about 300 KiB a connection).",
        HelpName = "MODE",
        CustomParser = OptionValues.Compression,
    };

    private readonly Option<int?> _maxReceiveSize = new("--max-receive-size")
    {
        Description = "Bytes that are read from a socket at once, at most, 128K by default; 1 shows a test every split that there can be.",
        HelpName = "SIZE",
        CustomParser = OptionValues.MaxReceiveSize,
    };

    private readonly Option<TimeSpan?> _drainTime = new("--drain-time")
    {
        Description = $"How long open connections get to end after Ctrl+C or SIGTERM, {HostOptions.DefaultDrainSeconds} s by default.",
        HelpName = "SECONDS",
        CustomParser = OptionValues.DrainTime,
    };

    private readonly Option<LogLevel?> _logLevel = new("--log-level")
    {
        Description = "What to log on standard error: trace, debug, information (the default), warning, error, critical or none.",
        HelpName = "LEVEL",
        CustomParser = OptionValues.LogLevelOf,
    };

    private readonly RootCommand _root;

    /// <param name="runAsync">What the command does; returns the exit code.</param>
    public CommandLine(Func<HostOptions, Task<int>> runAsync)
    {
        _root = new RootCommand("A WebSocket server (RFC 6455). Serves an echo at /echo.")
        {
            _hosts, _port, _unixSocket, _maxMessageSize, _compression, _maxReceiveSize, _drainTime, _logLevel,
        };
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
            Compression = result.GetValue(_compression) ?? defaults.Compression,
            MaxReceiveSize = result.GetValue(_maxReceiveSize) ?? defaults.MaxReceiveSize,
            DrainTime = result.GetValue(_drainTime) ?? defaults.DrainTime,
            LogLevel = result.GetValue(_logLevel) ?? defaults.LogLevel,
        };
    }
}
