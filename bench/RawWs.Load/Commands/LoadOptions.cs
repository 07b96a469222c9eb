using System.CommandLine;

namespace RawWs.Load;

/// <summary>What the commands that measure have in common.</summary>
internal sealed class LoadOptions
{
    private readonly ServerOptions _server = new();
    private readonly CoreOptions _cores = new();
    private readonly Option<string> _path;
    private readonly Option<double> _seconds;
    private readonly Option<double> _warmUp = OptionValues.Duration("--warm-up", 1, "Seconds before that.");
    private readonly Option<bool> _spin = SpinOption();
    private readonly Option<FileInfo?> _svg = SvgOption("The latencies by percentile, as a chart.");

    /// <param name="path">Where the connections go, if the command line does not say.</param>
    /// <param name="seconds">How long is measured, if the command line does not say.</param>
    public LoadOptions(string path, double seconds = 4)
    {
        _path = new Option<string>("--path") { Description = $"The endpoint, {path} by default.", HelpName = "PATH", DefaultValueFactory = _ => path };
        _seconds = OptionValues.Duration("--seconds", seconds, "How long is measured.");
    }

    public static Option<bool> SpinOption() => new("--spin")
    {
        Description = "Ask the system without end instead of sleeping, so that the server never pays for waking this program; the default where there are several processors.",
        DefaultValueFactory = _ => Environment.ProcessorCount > 1,
    };

    public static Option<FileInfo?> SvgOption(string description) => new("--svg") { Description = description, HelpName = "FILE" };

    public void AddTo(Command command)
    {
        _server.AddTo(command);
        _cores.AddTo(command);
        command.Add(_path);
        command.Add(_seconds);
        command.Add(_warmUp);
        command.Add(_spin);
        command.Add(_svg);
    }

    /// <summary>Starts the server, lets a run load it, and reports.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="title">What is done, in a few words.</param>
    /// <param name="makeRun">Makes the run.</param>
    /// <param name="details">What there is to say besides the usual.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync<TRun>(
        ParseResult result,
        string title,
        Func<LoadTarget, LoadTiming, TRun> makeRun,
        Func<TRun, IEnumerable<(string Name, string Value)>>? details = null,
        CancellationToken cancellationToken = default)
        where TRun : LoadRun
    {
        await _cores.ApplyAsync(result, cancellationToken);
        await using var server = await _server.GetAsync(result, cancellationToken, _cores.ServerCoreOf(result));
        var target = new LoadTarget(server.EndPoint, result.GetRequiredValue(_path), server.ProcessId);
        var timing = new LoadTiming(TimeSpan.FromSeconds(result.GetValue(_warmUp)), TimeSpan.FromSeconds(result.GetValue(_seconds)), result.GetValue(_spin));

        var before = await GarbageCollections.OfAsync(target, cancellationToken);
        using var run = makeRun(target, timing);
        var measured = await LoadReport.RunAsync(run, cancellationToken);
        List<(string Name, string Value)> more = [.. details?.Invoke(run) ?? []];
        if (before is { } earlier && await GarbageCollections.OfAsync(target, cancellationToken) is { } later)
            more.Add(("the server's garbage collector", later.Since(earlier)));

        LoadReport.Print(title, measured, more);
        if (result.GetValue(_svg) is { } file)
            await File.WriteAllTextAsync(file.FullName, PercentileChart.Of(title, [(title, measured.Latencies)]).ToString(), cancellationToken);

        return Report.Verdict(measured.Failures, server);
    }
}
