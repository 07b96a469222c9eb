using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using RawWs.Transport;

namespace RawWs.Host;

/// <summary>Reads the values of the options. A value that is wrong adds an error that says what to write instead.</summary>
internal static class OptionValues
{
    /// <summary>A day: whoever means longer means something else.</summary>
    private const double MaxDrainSeconds = 24 * 60 * 60;

    /// <summary>What deadlines are kept to: a shorter time would be no shorter.</summary>
    private static readonly TimeSpan MinKeepAlive = TimeSpan.FromSeconds(0.1);

    /// <summary>Whether a switch is on, by its words and not by its value: one that is wrong by itself has its own error, and can't be asked for.</summary>
    public static bool IsOn(CommandResult result, Option<bool> option)
        => result.GetResult(option) is { } said && said.Tokens.All(word => !bool.TryParse(word.Value, out var isOn) || isOn);

    public static string[]? Hosts(ArgumentResult argument)
    {
        var hosts = argument.Tokens.Select(token => token.Value).ToArray();
        var wrong = Array.Find(hosts, host => !ListenAddresses.IsHost(host));

        return wrong is null
            ? hosts
            : Refuse<string[]>(argument, $"--host takes localhost, an IP address, or '*' (in quotes) for any address; '{wrong}' is none of these.");
    }

    public static int? Port(ArgumentResult argument)
        => int.TryParse(ValueOf(argument), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= ushort.MaxValue
            ? port
            : Refuse<int?>(argument, $"--port takes a number from 0 (any free port) to 65535; '{ValueOf(argument)}' is none.");

    public static UnixDomainSocketEndPoint? UnixSocket(ArgumentResult argument)
    {
        if (!Socket.OSSupportsUnixDomainSockets)
            return Refuse<UnixDomainSocketEndPoint>(argument, "--unix needs Unix sockets, which this system does not have; use --port.");

        try
        {
            // The whole path, so that the name means the same whatever it begins with, and is shown as what it is.
            return new UnixDomainSocketEndPoint(Path.GetFullPath(ValueOf(argument)));
        }
        catch (ArgumentException)
        {
            return Refuse<UnixDomainSocketEndPoint>(
                argument, $"--unix takes the path of a file, of about 100 characters at most with its folders; '{ValueOf(argument)}' is none.");
        }
    }

    public static int? MaxMessageSize(ArgumentResult argument)
        => ByteSize.TryParse(ValueOf(argument), Array.MaxLength, out var size)
            ? (int)size
            : Refuse<int?>(argument, $"--max-message-size takes a number of bytes such as 65536, 64K or 16M, from 1 to 2047M; '{ValueOf(argument)}' is none.");

    public static int? MaxReceiveSize(ArgumentResult argument)
        => ByteSize.TryParse(ValueOf(argument), 1 << 20, out var size)
            ? (int)size
            : Refuse<int?>(argument, $"--max-receive-size takes a number of bytes such as 64K, from 1 to 1M; '{ValueOf(argument)}' is none.");

    public static TransportKind? Transport(ArgumentResult argument) => NamedValue<TransportKind>(argument) switch
    {
        null => Refuse<TransportKind?>(argument, $"--transport takes sockets or eventloop; '{ValueOf(argument)}' is neither."),
        TransportKind.EventLoop when !EventLoopTransport.IsSupported
            => Refuse<TransportKind?>(argument, "--transport eventloop needs Linux on x64 or arm64; leave it out."),
        var kind => kind,
    };

    public static CompressionMode? Compression(ArgumentResult argument)
        => NamedValue<CompressionMode>(argument)
            ?? Refuse<CompressionMode?>(argument, $"--compression takes off, shared or dedicated; '{ValueOf(argument)}' is none of these.");

    public static TimeSpan? Seconds(ArgumentResult argument)
        => TryParseSeconds(ValueOf(argument), out var time)
            ? time
            : Refuse<TimeSpan?>(
                argument, $"{((OptionResult)argument.Parent!).Option.Name} takes a number of seconds from 0 to 86400, such as 10 or 0.5; '{ValueOf(argument)}' is none."); // The argument of an option.

    public static TimeSpan? KeepAlive(ArgumentResult argument)
        => TryParseSeconds(ValueOf(argument), out var time) && time >= MinKeepAlive
            ? time
            : Refuse<TimeSpan?>(argument, $"--keep-alive takes a number of seconds from 0.1 to 86400, such as 20 or 0.5; '{ValueOf(argument)}' is none.");

    public static bool TryParseSeconds(string text, out TimeSpan time)
    {
        var isRight = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= MaxDrainSeconds;
        time = isRight ? TimeSpan.FromSeconds(seconds) : default;
        return isRight;
    }

    public static CloseCode? DrainCode(ArgumentResult argument) => ValueOf(argument) switch
    {
        "1001" => CloseCode.GoingAway,
        "1012" => CloseCode.ServiceRestart,
        var other => Refuse<CloseCode?>(argument, $"--drain-code takes 1001 (going away) or 1012 (a restart); '{other}' is none of these."),
    };

    public static string? Folder(ArgumentResult argument)
        => Directory.Exists(ValueOf(argument))
            ? Path.GetFullPath(ValueOf(argument))
            : Refuse<string>(argument, $"--static takes a folder that exists; '{ValueOf(argument)}' is none.");

    public static LogLevel? LogLevelOf(ArgumentResult argument)
        => NamedValue<LogLevel>(argument)
            ?? Refuse<LogLevel?>(
                argument, $"--log-level takes trace, debug, information, warning, error, critical or none; '{ValueOf(argument)}' is none of these.");

    public static OutputFormat? FormatOf(ArgumentResult argument)
        => NamedValue<OutputFormat>(argument) ?? Refuse<OutputFormat?>(argument, $"{((OptionResult)argument.Parent!).Option.Name} takes plain or json; '{ValueOf(argument)}' is neither."); // The argument of an option.

    public static OtlpProtocol? OtlpProtocolOf(ArgumentResult argument)
        => NamedValue<OtlpProtocol>(argument) ?? Refuse<OtlpProtocol?>(argument, $"--otlp-protocol takes http or grpc; '{ValueOf(argument)}' is neither.");

    // By name only: the enum's own parser takes numbers and lists too.
    private static T? NamedValue<T>(ArgumentResult argument)
        where T : struct, Enum
        => Array.Find(Enum.GetNames<T>(), name => name.Equals(ValueOf(argument), StringComparison.OrdinalIgnoreCase)) is { } name
            ? Enum.Parse<T>(name)
            : null;

    private static string ValueOf(ArgumentResult argument) => argument.Tokens[0].Value;

    private static T? Refuse<T>(ArgumentResult argument, string message)
    {
        argument.AddError(message);
        return default;
    }
}
