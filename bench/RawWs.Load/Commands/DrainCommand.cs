using System.CommandLine;

namespace RawWs.Load;

/// <summary>The command line of <see cref="DrainRun"/>.</summary>
internal static class DrainCommand
{
    public static Command Create()
    {
        var connections = OptionValues.Count("--connections", 10_000, "How many are open when the server is told to stop.");
        var command = new Command("drain", "Starts rawws, opens many connections, sends it SIGTERM, and looks at how everybody is sent away.") { connections };
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var target = await TargetServer.StartAsync(cancellationToken);
            return await new DrainRun(target, result.GetValue(connections)).RunAsync(cancellationToken);
        });
        return command;
    }
}
