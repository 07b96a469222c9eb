using System.CommandLine;

namespace RawWs.Load;

/// <summary>The command line of <see cref="Comparison"/>.</summary>
internal static class CompareCommand
{
    private static readonly string[] Names = ["rawws", "rawws-eventloop", "kestrel", "node-ws"];

    public static Command Create()
    {
        var cores = new CoreOptions();
        var cells = new Option<IReadOnlyList<Cell>?>("--cells")
        {
            Description = $"The loads, with semicolons between them, such as \"{Cell.Standard}\", which is the default.",
            HelpName = "CELLS",
            CustomParser = argument =>
            {
                try
                {
                    return Cell.ParseAll(argument.Tokens[0].Value);
                }
                catch (FormatException wrong)
                {
                    argument.AddError(wrong.Message);
                    return [];
                }
            },
        };
        var servers = new Option<string[]>("--servers")
        {
            Description = $"Who takes part, in this order: {string.Join(", ", Names)}.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => Names,
        };
        servers.AcceptOnlyFromAmong(Names);
        var baseline = new BaselineOptions();
        var rounds = OptionValues.Count("--rounds", 5, "How often each server is measured in each cell, after a round that counts for nothing.");
        var seconds = OptionValues.Duration("--seconds", 3, "How long each run is measured.");
        var warmUp = OptionValues.Duration("--warm-up", 0.7, "Seconds before that.");
        var spin = LoadOptions.SpinOption();
        var svg = LoadOptions.SvgOption("The ratios, as a chart.");
        var latencySvg = new Option<FileInfo?>("--latency-svg") { Description = "The latencies of the cells with a fixed rate, as a chart.", HelpName = "FILE" };

        var command = new Command("compare", "Starts several servers, and loads them in turn, A B A B: the ratio of what they do with a second of CPU time.")
        {
            cells, servers, rounds, seconds, warmUp, spin, svg, latencySvg,
        };
        baseline.AddTo(command);
        cores.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var contestants = await ContestantsAsync(baseline.ContestantOf(result), result.GetRequiredValue(servers), cancellationToken);
            if (contestants.Count == 0)
                return 1;

            await cores.ApplyAsync(result, cancellationToken);
            var timing = new LoadTiming(TimeSpan.FromSeconds(result.GetValue(warmUp)), TimeSpan.FromSeconds(result.GetValue(seconds)), result.GetValue(spin));
            return await RunAsync(
                contestants.Select(contestant => new ContestantServers(contestant, cores.ServerCoreOf(result))).ToList(),
                running => new Comparison(result.GetValue(cells) ?? Cell.ParseAll(Cell.Standard), running, result.GetValue(rounds), timing),
                result.GetValue(svg), result.GetValue(latencySvg), cancellationToken);
        });
        return command;
    }

    private static async Task<IReadOnlyList<Contestant>> ContestantsAsync(Contestant? baseline, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var peers = new PeerServers();
        List<Contestant> contestants = baseline is null ? [] : [baseline];
        foreach (var name in names)
        {
            try
            {
                contestants.Add(name switch
                {
                    "kestrel" => await peers.KestrelAsync(cancellationToken),
                    "node-ws" => await peers.NodeAsync(cancellationToken),
                    "rawws-eventloop" => Contestant.Rawws(name, "eventloop"),
                    _ => Contestant.Rawws(name, "sockets"),
                });
            }
            catch (InvalidOperationException missing)
            {
                Console.WriteLine($"{name} does not take part: {missing.Message}");
            }
        }

        return contestants;
    }

    private static async Task<int> RunAsync(
        IReadOnlyList<ContestantServers> servers, Func<IReadOnlyList<ContestantServers>, Comparison> begin, FileInfo? svg, FileInfo? latencySvg, CancellationToken cancellationToken)
    {
        try
        {
            var cells = await begin(servers).RunAsync(cancellationToken);
            Console.WriteLine($"\n{ComparisonReport.TableOf(cells)}\n");
            if (svg is not null)
                await File.WriteAllTextAsync(svg.FullName, ComparisonReport.ChartOf(cells).ToString(), cancellationToken);
            if (latencySvg is not null)
                await File.WriteAllTextAsync(latencySvg.FullName, ComparisonReport.LatencyChartOf(cells).ToString(), cancellationToken);

            var failures = cells.SelectMany(cell => cell.Outcomes.SelectMany(outcome => outcome.Failures.Lines.Select(line => $"{cell.Cell}, {outcome.Server}: {line}"))).ToList();
            failures.ForEach(failure => Console.WriteLine($"FAILED: {failure}"));
            return failures.Count == 0 ? 0 : 1;
        }
        finally
        {
            foreach (var server in servers)
                await server.DisposeAsync();
        }
    }
}
