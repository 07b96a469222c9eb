using System.CommandLine;
using System.Text.Json;

namespace RawWs.Load;

/// <summary>The command line of <see cref="Scale"/>, and those of the processes that it starts.</summary>
internal static class ScaleCommands
{
    private static readonly string[] Transports = ["sockets", "eventloop", "memory"];
    private static readonly int[] TcpCounts = [100, 1_000, 10_000, 18_000], InMemoryCounts = [100, 1_000, 10_000, 100_000];

    public static IEnumerable<Command> Create() => [Scale(), Serve(), InMemory()];

    private static Command Scale()
    {
        var cores = new CoreOptions();
        var transports = new Option<string[]>("--transports")
        {
            Description = $"Any of {string.Join(", ", Transports)}.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => Transports,
        };
        transports.AcceptOnlyFromAmong(Transports);
        var max = OptionValues.Count("--max-connections", 100_000, "The most that are tried; over TCP 18,000 at most, for a process has 20,000 descriptors on many machines.");
        var seconds = OptionValues.Duration("--seconds", 2, "How long each run is measured.");
        var spin = LoadOptions.SpinOption();
        var svg = LoadOptions.SvgOption("The memory for each connection, as a chart.");
        var costSvg = new Option<FileInfo?>("--cost-svg") { Description = "The cost of a message, as a chart.", HelpName = "FILE" };
        var command = new Command("scale", "A hundred to a hundred thousand connections: what each holds, what a message costs, and how long a broadcast takes.")
        {
            transports, max, seconds, spin, svg, costSvg,
        };
        cores.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            await cores.ApplyAsync(result, cancellationToken);
            var timing = new LoadTiming(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(result.GetValue(seconds)), result.GetValue(spin));
            var most = result.GetValue(max);
            var (rows, failureCount) = await new Scale(new TcpScale(cores.ServerCoreOf(result), timing)).RunAsync(
                result.GetRequiredValue(transports), [.. TcpCounts.Where(count => count <= most)], [.. InMemoryCounts.Where(count => count <= most)], cancellationToken);
            if (rows.Count == 0)
                return 1;

            Console.WriteLine($"\n{ScaleReport.TableOf(rows)}\n");
            if (result.GetValue(svg) is { } file)
                await File.WriteAllTextAsync(file.FullName, ScaleReport.MemoryChartOf(rows).ToString(), cancellationToken);
            if (result.GetValue(costSvg) is { } costFile)
                await File.WriteAllTextAsync(costFile.FullName, ScaleReport.MessageChartOf(rows).ToString(), cancellationToken);
            return failureCount == 0 ? 0 : 1;
        });
        return command;
    }

    private static Command Serve()
    {
        var port = OptionValues.Count("--port", 3000, "Where to listen.");
        var transport = new Option<string>("--transport") { DefaultValueFactory = _ => Transports[0] };
        var command = new Command("serve", "The server of scale, which tells what its objects hold.") { port, transport };
        command.Hidden = true;
        command.SetAction((result, cancellationToken) => ScaleServer.RunAsync(result.GetValue(port), result.GetValue(transport) == "eventloop", cancellationToken));
        return command;
    }

    private static Command InMemory()
    {
        var connections = OptionValues.Count("--connections", 100_000, "How many.");
        var command = new Command("in-memory", "The part of scale that needs no descriptors; prints one line of JSON.") { connections };
        command.Hidden = true;
        command.SetAction(async (result, cancellationToken) =>
            Console.WriteLine(JsonSerializer.Serialize(await new InMemoryScale(result.GetValue(connections)).MeasureAsync(cancellationToken))));
        return command;
    }
}
