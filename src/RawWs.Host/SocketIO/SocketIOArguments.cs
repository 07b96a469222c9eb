using System.CommandLine;
using System.CommandLine.Parsing;

namespace RawWs.Host;

/// <summary>The options of the command line that say whether there is a Socket.IO server, and where its client for browsers is.</summary>
internal sealed class SocketIOArguments
{
    private const string Script = "socket.io.js";

    private readonly Option<bool> _isOn = new("--socketio")
    {
        Description = $"Serves Socket.IO at {SocketIOChat.ServerPath}: the chat that its tutorial makes, an echo in the namespace {SocketIOChat.EchoNamespace}, and a page at {SocketIOChat.Path}.",
    };

    private readonly Option<string?> _clientFolder = new HostOption<string?>("--socketio-client")
    {
        Default = "none",
        Description = $"A folder with the Socket.IO client for browsers, served at {SocketIOChat.ServerPath}{Script}: dist of the npm package socket.io-client; none by default.",
        HelpName = "DIR",
        CustomParser = ClientFolder,
    };

    public void AddTo(Command command)
    {
        command.Options.Add(_isOn);
        command.Options.Add(_clientFolder);
        command.Validators.Add(Check);
    }

    /// <param name="result">One without errors.</param>
    public SocketIOSettings ValuesOf(ParseResult result) => new() { IsEnabled = result.GetValue(_isOn), ClientFolder = result.GetValue(_clientFolder) };

    /// <summary>Whether there is a Socket.IO server.</summary>
    public bool IsOn(CommandResult result) => result.GetValue(_isOn);

    private void Check(CommandResult result)
    {
        if (result.GetResult(_clientFolder) is not null && !result.GetValue(_isOn))
            result.AddError("--socketio-client is for --socketio, which is not there; add it, or leave the folder out.");
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
