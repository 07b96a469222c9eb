namespace RawWs.Fuzz;

/// <summary>What a run came to so far.</summary>
/// <param name="Executions">Inputs that were run, the corpus included.</param>
/// <param name="Elapsed">Wall-clock time.</param>
/// <param name="CorpusSize">Entries of the corpus in memory.</param>
/// <param name="NewBehaviours">Behaviours that no entry of the corpus on disk had shown.</param>
/// <param name="InputDigest">A hash of all inputs in their order: equal seeds and iterations have equal digests.</param>
internal sealed record FuzzSummary(long Executions, TimeSpan Elapsed, int CorpusSize, int NewBehaviours, ulong InputDigest)
{
    public double ExecutionsPerSecond => Executions / Math.Max(Elapsed.TotalSeconds, 1e-3);
}
