using System.CommandLine;
using System.CommandLine.Parsing;
using RawWs.Redis;

namespace RawWs.Host;

/// <summary>The options of the command line that say whether there is a Socket.IO server, where its client for browsers is, and how long who lost a connection is waited for.</summary>
/// <param name="redis">Those that say how namespaces are shared with other nodes.</param>
internal sealed class SocketIOArguments(RedisArguments redis)
{
    private const string Script = "socket.io.js";

    private readonly Option<bool> _isOn = new("--socketio")
    {
        Description = $"Serves Socket.IO at {SocketIOChat.ServerPath}: the chat that its tutorial makes, another with an echo in the namespace {SocketIOChat.ChatNamespace}, and a page at {SocketIOChat.Path}.",
    };

    private readonly Option<string?> _clientFolder = new HostOption<string?>("--socketio-client")
    {
        Default = "none",
        Description = $"A folder with the Socket.IO client for browsers, served at {SocketIOChat.ServerPath}{Script}: dist of the npm package socket.io-client; none by default.",
        HelpName = "DIR",
        CustomParser = ClientFolder,
    };

    private readonly Option<TimeSpan?> _recoveryTime = new HostOption<TimeSpan?>("--socketio-recovery")
    {
        Default = "off",
        Description = "How long a client of Socket.IO that lost its connection may take to come back with its id and rooms, and be sent what it missed; off by default, and with --redis only for --redis-mode streams.",
        HelpName = "SECONDS",
        CustomParser = RecoveryTime,
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_isOn);
        command.Options.Add(_clientFolder);
        command.Options.Add(_recoveryTime);
        command.Validators.Add(Check);
    }

    /// <param name="result">One without errors.</param>
    public SocketIOSettings ValuesOf(ParseResult result) => new() { IsEnabled = result.GetValue(_isOn), ClientFolder = result.GetValue(_clientFolder), RecoveryTime = result.GetValue(_recoveryTime) };

    private void Check(CommandResult result)
    {
        if (result.GetResult(_clientFolder) is not null && !OptionValues.IsOn(result, _isOn))
            result.AddError("--socketio-client is for --socketio, which is not there; add it, or leave the folder out.");

        if (result.GetResult(_recoveryTime) is null)
            return;

        if (!OptionValues.IsOn(result, _isOn))
            result.AddError("--socketio-recovery is for --socketio, which is not there; add it, or leave the time out.");
        else if (redis.ModeOf(result) is RedisBackplaneMode.PubSub or RedisBackplaneMode.Sharded)
            result.AddError("--socketio-recovery with --redis needs --redis-mode streams: of what goes over channels nothing is kept for those who come back.");
    }

    private static TimeSpan? RecoveryTime(ArgumentResult argument)
    {
        if (OptionValues.TryParseSeconds(argument.Tokens[0].Value, out var time) && time > TimeSpan.Zero)
            return time;

        argument.AddError($"--socketio-recovery takes a number of seconds, above 0 and up to 86400, such as 120; '{argument.Tokens[0].Value}' is none.");
        return null;
    }

    private static string? ClientFolder(ArgumentResult argument)
    {
        var folder = argument.Tokens[0].Value;
        if (File.Exists(Path.Combine(folder, Script)))
            return Path.GetFullPath(folder);

        argument.AddError($"--socketio-client takes a folder with a {Script} in it, such as node_modules/socket.io-client/dist; '{folder}' is none.");
        return null;
    }
}
