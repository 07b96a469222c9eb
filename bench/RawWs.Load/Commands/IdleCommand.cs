using System.CommandLine;

namespace RawWs.Load;

/// <summary>The command line of <see cref="IdleRun"/>.</summary>
internal static class IdleCommand
{
    public static Command Create()
    {
        var load = new LoadOptions("/echo", seconds: 2);
        var connections = OptionValues.Count("--connections", 10_000, "How many connections are opened, from several addresses of this machine.");
        var command = new Command("idle", "Connections open, echo once, and do nothing: what a handshake costs, and what a connection holds.") { connections };
        load.AddTo(command);
        command.SetAction((result, cancellationToken) =>
        {
            var count = result.GetValue(connections);
            return load.RunAsync(
                result, $"idle: {Report.Count(count)} connections",
                (target, timing) => new IdleRun(target, count, timing, () => ServerMemory.Of(target.Process)), DetailsOf, cancellationToken);
        });
        return command;
    }

    private static IEnumerable<(string Name, string Value)> DetailsOf(IdleRun run) =>
    [
        ("bytes of the server for each, opened", MemoryOf(run.Opened)),
        ("bytes of the server for each, after an echo", MemoryOf(run.Echoed)),
    ];

    private static string MemoryOf(ServerMemory memory)
        => $"{Report.Count(memory.Resident)} resident, {(memory.Kernel is { } kernel ? Report.Count(kernel) : "unknown")} in socket buffers of both ends";
}
