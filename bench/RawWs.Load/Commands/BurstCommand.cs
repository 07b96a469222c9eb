using System.CommandLine;

namespace RawWs.Load;

/// <summary>The command line of <see cref="BurstRun"/>.</summary>
internal static class BurstCommand
{
    public static Command Create()
    {
        var server = new ServerOptions();
        var connections = OptionValues.Count("--connections", 15_000, "How many open at once.");
        var repeat = OptionValues.Count("--repeat", 1, "How often.");
        var command = new Command("burst", "Many connections open at once, echo once each, and all leave.") { connections, repeat };
        server.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var target = await server.GetAsync(result, cancellationToken);
            return await new BurstRun(target, result.GetValue(connections), result.GetValue(repeat)).RunAsync(cancellationToken);
        });
        return command;
    }
}
