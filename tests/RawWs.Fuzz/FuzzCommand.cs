using System.CommandLine;

namespace RawWs.Fuzz;

/// <summary>The command line, and the exit code: 0 nothing found, 1 a finding, 2 not run.</summary>
internal static class FuzzCommand
{
    private const int NothingFound = 0, Found = 1, NotRun = 2;

    private static readonly TimeSpan LongestWork = TimeSpan.FromSeconds(5), LongestWait = TimeSpan.FromMinutes(1);

    private static readonly Option<string[]> Target = new("--target")
    {
        Description = "Fuzz only these; --list names them. Default: all, one after the other.",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<long?> Iterations = new("--iterations") { Description = "Inputs for each target. Default: 10,000, or no limit if there is one of time." };

    private static readonly Option<double?> Seconds = new("--seconds") { Description = "Time for all targets together." };

    private static readonly Option<double?> Minutes = new("--minutes") { Description = "The same in minutes." };

    private static readonly Option<ulong> Seed = new("--seed")
    {
        Description = "Where every choice comes from: the same seed makes the same inputs.",
        DefaultValueFactory = _ => 6455,
    };

    private static readonly Option<FileInfo?> Replay = new("--replay") { Description = "Run this one input in the given targets." };

    private static readonly Option<string> CorpusFolder = new("--corpus")
    {
        Description = "Where inputs are taken from to begin with.",
        DefaultValueFactory = _ => CorpusFiles.DefaultFolder,
    };

    private static readonly Option<int> MaxMemory = new("--max-memory")
    {
        Description = "MiB that the process may hold; more is a finding.",
        DefaultValueFactory = _ => 512,
    };

    private static readonly Option<bool> List = new("--list") { Description = "Print the targets, and run none." };

    public static int Run(string[] arguments)
    {
        var command = new RootCommand("Feeds RawWs what no peer should send, the same for the same seed.")
        {
            Target, Iterations, Seconds, Minutes, Seed, Replay, CorpusFolder, MaxMemory, List,
        };
        Target.AcceptOnlyFromAmong([.. FuzzTargets.All.Select(target => target.Name)]);
        Replay.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<FileInfo?>() is { Exists: false } missing)
                result.AddError($"There is no file {missing}");
        });
        command.SetAction(Run);

        var parsed = command.Parse(arguments);
        var exitCode = parsed.Invoke();
        return parsed.Errors.Count > 0 ? NotRun : exitCode;
    }

    private static int Run(ParseResult arguments)
    {
        var names = arguments.GetValue(Target) ?? [];
        FuzzTarget[] targets = [.. FuzzTargets.All.Where(target => names.Length == 0 || names.Contains(target.Name))];

        if (arguments.GetValue(List))
        {
            foreach (var target in targets)
                Console.WriteLine($"{target.Name}\n    {target.Description}");
            return NothingFound;
        }

        using var health = new ProcessHealth((long)arguments.GetValue(MaxMemory) << 20);
        using var watchdog = new Watchdog(LongestWork, LongestWait, OnHang);
        return arguments.GetValue(Replay) is { } file
            ? RunFile(targets, file, watchdog)
            : RunAll(targets, arguments, watchdog, health);
    }

    private static int RunAll(FuzzTarget[] targets, ParseResult arguments, Watchdog watchdog, ProcessHealth health)
    {
        using var interrupted = new CancellationTokenSource();
        Console.CancelKeyPress += (_, pressed) =>
        {
            pressed.Cancel = true;
            interrupted.Cancel();
        };

        var budget = BudgetOf(arguments, targets.Length);
        var exitCode = NothingFound;
        foreach (var target in targets)
        {
            var files = CorpusFiles.Read(target, arguments.GetRequiredValue(CorpusFolder));
            var fuzzer = new TargetFuzzer(target, arguments.GetValue(Seed), files) { Watchdog = watchdog, Inspect = health.Inspect };

            Finding? finding;
            using (new ProgressLine(target, fuzzer))
                finding = fuzzer.Run(budget, interrupted.Token);

            if (finding is null)
                continue;

            FindingReport.Write(finding);
            exitCode = Found;
        }

        return exitCode;
    }

    private static int RunFile(FuzzTarget[] targets, FileInfo file, Watchdog watchdog)
    {
        var input = File.ReadAllBytes(file.FullName);
        var exitCode = NothingFound;
        foreach (var target in targets)
        {
            var finding = new TargetFuzzer(target, 0, []) { Watchdog = watchdog }.Execute(file.Name, input, out var behaviour);
            Console.WriteLine($"{target.Name}: {finding?.Error.ToString() ?? $"nothing found, behaviour {behaviour:x16}"}");
            exitCode = finding is null ? exitCode : Found;
        }

        return exitCode;
    }

    private static FuzzBudget BudgetOf(ParseResult arguments, int targetCount)
    {
        TimeSpan? time = arguments.GetValue(Minutes) is { } minutes ? TimeSpan.FromMinutes(minutes)
            : arguments.GetValue(Seconds) is { } seconds ? TimeSpan.FromSeconds(seconds)
            : null;

        return new FuzzBudget(
            arguments.GetValue(Iterations) ?? (time is null ? 10_000 : long.MaxValue),
            time / targetCount ?? TimeSpan.MaxValue);
    }

    private static void OnHang(Finding finding)
    {
        FindingReport.Write(finding, minimize: false);
        Environment.Exit(Found);
    }
}
