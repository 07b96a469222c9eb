using System.CommandLine;

namespace RawWs.Load;

/// <summary>What the commands that compare servers have in common.</summary>
internal sealed class ComparisonOptions
{
    private readonly CoreOptions _cores = new();
    private readonly Option<IReadOnlyList<Cell>> _cells;
    private readonly Option<string[]> _servers;
    private readonly Option<int> _rounds = OptionValues.Count("--rounds", 5, "How often each server is measured in each cell, after a round that counts for nothing.");
    private readonly Option<double> _seconds = OptionValues.Duration("--seconds", 3, "How long each run is measured.");
    private readonly Option<double> _warmUp = OptionValues.Duration("--warm-up", 0.7, "Seconds before that.");
    private readonly Option<bool> _spin = LoadOptions.SpinOption();
    private readonly Option<FileInfo?> _svg = LoadOptions.SvgOption("The ratios, as a chart.");
    private readonly Option<FileInfo?> _latencySvg = new("--latency-svg") { Description = "The latencies of the cells with a fixed rate, as a chart.", HelpName = "FILE" };

    /// <param name="cells">The loads, if the command line does not say.</param>
    /// <param name="names">The servers there are, all of which take part if the command line does not say.</param>
    public ComparisonOptions(string cells, string[] names)
    {
        _cells = new Option<IReadOnlyList<Cell>>("--cells")
        {
            Description = $"The loads, with semicolons between them, such as \"{cells}\", which is the default.",
            HelpName = "CELLS",
            DefaultValueFactory = _ => Cell.ParseAll(cells),
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
        _servers = new Option<string[]>("--servers")
        {
            Description = $"Who takes part, in this order: {string.Join(", ", names)}.",
            AllowMultipleArgumentsPerToken = true,
            DefaultValueFactory = _ => names,
        };
        _servers.AcceptOnlyFromAmong(names);
    }

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_cells, _servers, _rounds, _seconds, _warmUp, _spin, _svg, _latencySvg])
            command.Add(option);

        _cores.AddTo(command);
    }

    public IReadOnlyList<string> ServersOf(ParseResult result) => result.GetRequiredValue(_servers);

    /// <summary>Compares servers, and reports.</summary>
    /// <returns>The exit code.</returns>
    public Task<int> RunAsync(ParseResult result, IReadOnlyList<Contestant> contestants, CancellationToken cancellationToken)
        => RunAsync(result, core => [.. contestants.Select(contestant => new ContestantServers(contestant, core))], ComparisonReport.TableOf, cancellationToken);

    /// <summary>Compares whatever can be measured in turn, and reports.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="join">Who takes part; is given the only core for servers, null for any.</param>
    /// <param name="tableOf">Makes the table.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(
        ParseResult result, Func<int?, IReadOnlyList<Participant>> join, Func<IReadOnlyList<(Cell Cell, IReadOnlyList<CellOutcome> Outcomes)>, string> tableOf, CancellationToken cancellationToken)
    {
        if (join(_cores.ServerCoreOf(result)) is not { Count: > 0 } participants)
            return 1;

        await _cores.ApplyAsync(result, cancellationToken);
        var timing = new LoadTiming(TimeSpan.FromSeconds(result.GetValue(_warmUp)), TimeSpan.FromSeconds(result.GetValue(_seconds)), result.GetValue(_spin));
        return await RunAsync(
            participants, new Comparison(result.GetRequiredValue(_cells), participants, result.GetValue(_rounds), timing), tableOf,
            result.GetValue(_svg), result.GetValue(_latencySvg), cancellationToken);
    }

    private static async Task<int> RunAsync(
        IReadOnlyList<Participant> participants, Comparison comparison, Func<IReadOnlyList<(Cell Cell, IReadOnlyList<CellOutcome> Outcomes)>, string> tableOf,
        FileInfo? svg, FileInfo? latencySvg, CancellationToken cancellationToken)
    {
        try
        {
            var cells = await comparison.RunAsync(cancellationToken);
            Console.WriteLine($"\n{tableOf(cells)}\n");
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
            foreach (var participant in participants)
                await participant.DisposeAsync();
        }
    }
}
