using System.Diagnostics;

namespace RawWs.Fuzz;

/// <summary>
/// Fuzzes one target: first the corpus as it is, then what is made of it. Each iteration draws from a generator of its own, seeded by the seed, the
/// target and the iteration's number.
/// </summary>
internal sealed class TargetFuzzer(FuzzTarget target, ulong seed, IReadOnlyList<(string Name, byte[] Input)> files)
{
    private readonly Stopwatch _stopwatch = new();
    private readonly Corpus _corpus = new(files.Select(file => file.Input));
    private long _executions;
    private int _newBehaviours;
    private ulong _digest;

    /// <summary>Sees an input that never ends; null if somebody else does.</summary>
    public Watchdog? Watchdog { get; init; }

    /// <summary>Is asked after each input: null, or what is wrong with the process as a whole.</summary>
    public Func<string?>? Inspect { get; init; }

    /// <summary>What has been done so far.</summary>
    public FuzzSummary Summary => new(_executions, _stopwatch.Elapsed, _corpus.Count, _newBehaviours, _digest);

    /// <summary>Fuzzes until the budget is used up.</summary>
    /// <returns>The first finding; null if there is none.</returns>
    public Finding? Run(FuzzBudget budget, CancellationToken cancellationToken)
    {
        _stopwatch.Start();
        try
        {
            return ReplayFiles() ?? Explore(budget, cancellationToken);
        }
        finally
        {
            _stopwatch.Stop();
        }
    }

    /// <summary>Runs one input.</summary>
    /// <returns>What it broke, null if nothing.</returns>
    public Finding? Execute(string origin, byte[] input, out ulong behaviour)
    {
        behaviour = 0;
        _executions++;
        _digest = SplitMix64.Mix(_digest ^ Behaviour.Of(input));
        Watchdog?.OnStarting(target, origin, input);

        try
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            behaviour = target.Run(input);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

            FindingException.ThrowUnless(allocated <= target.AllocationBudget, $"it allocated more than {target.AllocationBudget} bytes: {allocated}");
            if (Inspect?.Invoke() is { } wrong)
                throw new FindingException(wrong);

            return null;
        }
        catch (Exception error)
        {
            // The top of a loop, and the purpose of it: whatever escapes is a finding.
            return new Finding(target, origin, input, error);
        }
        finally
        {
            Watchdog?.OnEnded();
        }
    }

    private Finding? ReplayFiles()
    {
        foreach (var (name, input) in files)
        {
            if (Execute(name, input, out var behaviour) is { } finding)
                return finding;

            _corpus.IsNew(behaviour);
        }

        return null;
    }

    private Finding? Explore(FuzzBudget budget, CancellationToken cancellationToken)
    {
        var stream = SplitMix64.Mix(seed) ^ Behaviour.Of(System.Text.Encoding.UTF8.GetBytes(target.Name));

        for (var iteration = 0L; iteration < budget.Iterations; iteration++)
        {
            if (_stopwatch.Elapsed >= budget.Time || cancellationToken.IsCancellationRequested)
                break;

            var random = new SplitMix64(SplitMix64.Mix(stream + (ulong)iteration));
            var input = Make(random);
            if (Execute($"seed {seed}, iteration {iteration}", input, out var behaviour) is { } finding)
                return finding;

            if (!target.IsBehaviourRepeatable || !_corpus.IsNew(behaviour))
                continue;

            _newBehaviours++;
            _corpus.Add(input, random);
        }

        return null;
    }

    private byte[] Make(SplitMix64 random)
    {
        var input = random.OneIn(4) ? target.Grammar.Generate(random) : _corpus.Pick(random);

        for (var count = random.Below(5); count > 0; count--)
        {
            input = random.OneIn(2)
                ? target.Grammar.Mutate(input, random)
                : ByteMutator.Mutate(input, random, _corpus.Pick);
        }

        return input.Length <= target.MaxInputLength ? input : input[..target.MaxInputLength];
    }
}
