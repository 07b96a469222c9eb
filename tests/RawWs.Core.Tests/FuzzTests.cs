using RawWs.Fuzz;

namespace RawWs.Tests;

/// <summary>
/// The fuzzer for a few seconds: its corpus, and the first inputs of a fixed seed. <c>dotnet run --project tests/RawWs.Fuzz -- --minutes 10</c> is the
/// same for longer.
/// </summary>
public sealed class FuzzTests
{
    private const ulong Seed = 6455;

    // Far more than it takes, for an input that never ends.
    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(3);

    public static TheoryData<string> Targets => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task The_corpus_and_the_first_inputs_of_a_seed_break_nothing(string name)
    {
        var target = TargetOf(name);
        var files = CorpusFiles.Read(target, CorpusFiles.DefaultFolder);
        Assert.NotEmpty(files);

        var finding = await Task.Run(() => new TargetFuzzer(target, Seed, files).Run(BudgetOf(target), CancellationToken.None)).WaitAsync(LongestRun);

        Assert.True(finding is null, $"{finding?.Origin}: {finding?.Error}\n{Convert.ToHexStringLower(finding?.Input ?? [])}");
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task A_seed_makes_the_same_inputs_each_time(string name)
    {
        var target = TargetOf(name);
        var files = CorpusFiles.Read(target, CorpusFiles.DefaultFolder);

        var digests = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            var fuzzer = new TargetFuzzer(target, Seed, files);
            fuzzer.Run(new FuzzBudget(target.ShortRunIterations / 4, LongestRun), CancellationToken.None);
            return fuzzer.Summary.InputDigest;
        }))).WaitAsync(LongestRun);

        Assert.Equal(digests[0], digests[1]);
    }

    private static FuzzTarget TargetOf(string name) => FuzzTargets.All.Single(target => target.Name == name);

    private static FuzzBudget BudgetOf(FuzzTarget target) => new(target.ShortRunIterations, LongestRun);
}
