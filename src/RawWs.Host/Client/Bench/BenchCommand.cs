using System.CommandLine;
using System.CommandLine.Parsing;

namespace RawWs.Host;

/// <summary>The command line of <see cref="Bench"/>.</summary>
internal sealed class BenchCommand
{
    private readonly ClientArguments _client = new();

    private readonly Option<int?> _connections = new("--connections")
    {
        Description = $"How many connections there are, {BenchOptions.DefaultConnections} by default.",
        HelpName = "COUNT",
        CustomParser = ClientValues.Count,
    };

    private readonly Option<int?> _size = new("--size")
    {
        Description = $"Bytes of each message, or with K or M, {BenchOptions.DefaultSize} by default.",
        HelpName = "SIZE",
        CustomParser = ClientValues.Size,
    };

    private readonly Option<int?> _inFlight = new("--in-flight")
    {
        Description = $"How many messages each connection has under way, {BenchOptions.DefaultInFlight} by default; the next leaves when one has come back.",
        HelpName = "COUNT",
        CustomParser = ClientValues.Count,
    };

    private readonly Option<int?> _rate = new("--rate")
    {
        Description = "Messages per second over all connections, whatever comes back; the latency of each counts from when it was due. Keeps a processor busy.",
        HelpName = "PER-SECOND",
        CustomParser = ClientValues.Count,
    };

    private readonly Option<TimeSpan?> _duration = new("--duration")
    {
        Description = $"How long is measured, {BenchOptions.DefaultSeconds} s by default.",
        HelpName = "SECONDS",
        CustomParser = ClientValues.PositiveSeconds,
    };

    private readonly Option<TimeSpan?> _warmUp = new("--warm-up")
    {
        Description = $"How long the same goes on before that, {BenchOptions.DefaultWarmUpSeconds} s by default.",
        HelpName = "SECONDS",
        CustomParser = OptionValues.Seconds,
    };

    private readonly Option<bool> _isBinary = new("--binary") { Description = "Send binary messages instead of texts." };

    private readonly Option<bool> _json = new("--json") { Description = "Print the result as one JSON object." };

    private readonly Option<bool> _progress = new("--progress") { Description = "Say every second how far it is, also where standard error is no terminal." };

    private BenchCommand()
    {
    }

    public static Command Create()
    {
        var self = new BenchCommand();
        var command = new Command("bench", "Measures an endpoint that echoes: messages per second, and how long each takes. Load only what is yours.")
        {
            self._connections, self._size, self._inFlight, self._rate, self._duration, self._warmUp, self._isBinary, self._json, self._progress,
        };
        self._client.AddTo(command);
        command.Validators.Add(self.Check);
        command.SetAction((result, _) => ClientRunner.RunAsync(interrupted => self.RunAsync(result, interrupted)));
        return command;
    }

    private async Task<int> RunAsync(ParseResult result, CancellationToken interrupted)
    {
        var options = OptionsOf(result);
        using var bench = new Bench(options);
        using var finished = new CancellationTokenSource();
        var progress = !Console.IsErrorRedirected || result.GetValue(_progress)
            ? new BenchProgress(Console.Error, isTerminal: !Console.IsErrorRedirected, TimeProvider.System).RunAsync(() => bench.Progress, finished.Token)
            : Task.CompletedTask;
        BenchResult measured;
        try
        {
            measured = await bench.RunAsync(interrupted);
        }
        finally
        {
            await finished.CancelAsync();
            await progress;
        }

        await StandardOutput.WriteLineAsync(result.GetValue(_json) ? BenchReport.ToJson(options, measured) : BenchReport.ToText(options, measured));
        foreach (var failure in measured.Failures)
            await Console.Error.WriteLineAsync($"rawws: {failure}");

        return interrupted.IsCancellationRequested ? ExitCode.Interrupted : measured.Failures.Count == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    private BenchOptions OptionsOf(ParseResult result) => new()
    {
        Client = _client.ValuesOf(result),
        Connections = result.GetValue(_connections) ?? BenchOptions.DefaultConnections,
        Size = result.GetValue(_size) ?? BenchOptions.DefaultSize,
        InFlight = result.GetValue(_inFlight) ?? BenchOptions.DefaultInFlight,
        Rate = result.GetValue(_rate),
        Duration = result.GetValue(_duration) ?? TimeSpan.FromSeconds(BenchOptions.DefaultSeconds),
        WarmUp = result.GetValue(_warmUp) ?? TimeSpan.FromSeconds(BenchOptions.DefaultWarmUpSeconds),
        IsBinary = result.GetValue(_isBinary),
    };

    // From the words and not from the values: a value that is wrong by itself has its own error, and can't be asked for.
    private void Check(CommandResult result)
    {
        if (result.GetResult(_rate) is not null && result.GetResult(_inFlight) is not null)
            result.AddError("--rate sends whatever comes back, and --in-flight waits for it; leave one out.");
        else if (result.GetResult(_inFlight)?.Tokens is [var text] && int.TryParse(text.Value, out var inFlight) && inFlight > BenchOptions.MaxInFlight)
            result.AddError($"--in-flight takes {BenchOptions.MaxInFlight} at most; use more --connections.");
    }
}
