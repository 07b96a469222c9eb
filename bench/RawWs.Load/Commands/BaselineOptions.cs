using System.CommandLine;

namespace RawWs.Load;

/// <summary>Any other server, which all are compared with.</summary>
internal sealed class BaselineOptions
{
    private readonly Option<string?> _command = new("--baseline-command")
    {
        Description = $"A line for the shell that starts an echo server on 127.0.0.1, with {ServerStart.PortPlace} for its port. It must not put itself into the background.",
        HelpName = "COMMAND",
    };

    private readonly Option<string?> _broadcastCommand = new("--baseline-broadcast-command")
    {
        Description = "The same for a server that sends what it receives to everybody. Without: the baseline does not take part in fan-outs.",
        HelpName = "COMMAND",
    };

    private readonly Option<string> _path = new("--baseline-path") { Description = "Its endpoint, / by default.", HelpName = "PATH", DefaultValueFactory = _ => "/" };

    private readonly Option<string> _name = new("--baseline-name") { Description = "What it is called.", HelpName = "NAME", DefaultValueFactory = _ => "baseline" };

    public void AddTo(Command command)
    {
        command.Add(_command);
        command.Add(_broadcastCommand);
        command.Add(_path);
        command.Add(_name);
        command.Validators.Add(result =>
        {
            foreach (var option in new[] { _command, _broadcastCommand })
            {
                if (result.GetResult(option) is { Tokens: [var line] } && !line.Value.Contains(ServerStart.PortPlace, StringComparison.Ordinal))
                    result.AddError($"{option.Name} has no {ServerStart.PortPlace}: the server would not know where to listen.");
            }

            if (result.GetResult(_broadcastCommand) is not null && result.GetResult(_command) is null)
                result.AddError("--baseline-broadcast-command goes with --baseline-command.");
        });
    }

    /// <returns>Null without one.</returns>
    public Contestant? ContestantOf(ParseResult result)
    {
        if (result.GetValue(_command) is not { } command)
            return null;

        var (path, broadcast) = (result.GetRequiredValue(_path), result.GetValue(_broadcastCommand));
        return new Contestant(
            result.GetRequiredValue(_name), ServerStart.OfShell(command), path, broadcast is null ? null : ServerStart.OfShell(broadcast), broadcast is null ? null : path);
    }
}
