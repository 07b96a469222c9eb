namespace RawWs.Conformance;

/// <summary>Ends a case early with its outcome.</summary>
internal sealed class VerdictException(Outcome outcome, string why) : Exception(why)
{
    public Outcome Outcome { get; } = outcome;

    public static VerdictException Failed(string why) => new(Outcome.Failed, why);
}
