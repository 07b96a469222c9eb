using System.CommandLine;

namespace RawWs.Load;

/// <summary>The command line of <see cref="Churn"/>.</summary>
internal static class ChurnCommand
{
    public static Command Create()
    {
        var server = new ServerOptions();
        var cycles = OptionValues.Count("--cycles", 1_000_000, "How many times a connection is opened, echoes, and is closed.");
        var connections = OptionValues.Count("--connections", 64, "How many do that at once.");
        var command = new Command("churn", "Connections come, echo and go, as fast as they can.") { cycles, connections };
        server.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            await using var target = await server.GetAsync(result, cancellationToken);
            return await new Churn(target, result.GetValue(cycles), result.GetValue(connections)).RunAsync(cancellationToken);
        });
        return command;
    }
}
