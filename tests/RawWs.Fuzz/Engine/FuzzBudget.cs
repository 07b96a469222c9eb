namespace RawWs.Fuzz;

/// <summary>How long one target is fuzzed: until the first of both is used up.</summary>
/// <param name="Iterations">Generated inputs.</param>
/// <param name="Time">Wall-clock time.</param>
internal sealed record FuzzBudget(long Iterations, TimeSpan Time);
