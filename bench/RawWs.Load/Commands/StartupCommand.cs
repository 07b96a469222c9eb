using System.CommandLine;

namespace RawWs.Load;

/// <summary>The command line of <see cref="StartupRun"/>.</summary>
internal static class StartupCommand
{
    public static Command Create()
    {
        var servers = new Option<string[]>("--server")
        {
            Description = $"A command line that starts a server on the port {ServerStart.PortPlace} of 127.0.0.1; may be given several times, and they take turns. rawws by default.",
            HelpName = "COMMAND",
        };
        servers.Validators.Add(static result =>
        {
            if (result.Tokens.FirstOrDefault(line => !line.Value.Contains(ServerStart.PortPlace, StringComparison.Ordinal)) is { } wrong)
                result.AddError($"--server has no {ServerStart.PortPlace} in '{wrong.Value}': the server would not know where to listen.");
        });
        var runs = OptionValues.Count("--runs", 20, "How often each is started, after one start that counts for nothing.");
        var path = new Option<string>("--path") { Description = "What is asked for.", HelpName = "PATH", DefaultValueFactory = _ => "/echo" };

        var command = new Command("startup", "Starts servers again and again, and measures the time from the start of the process to the first 101.") { servers, runs, path };
        command.SetAction((result, cancellationToken) =>
        {
            (string Name, ServerStart Start)[] starts = result.GetValue(servers) is { Length: > 0 } lines
                ? [.. lines.Select(line => (line, ServerStart.OfShell(line)))]
                : [("rawws", ServerStart.Rawws("eventloop"))];
            return new StartupRun(starts, result.GetRequiredValue(path)).RunAsync(result.GetValue(runs), cancellationToken);
        });
        return command;
    }
}
