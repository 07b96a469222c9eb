namespace RawWs.Conformance;

/// <summary>How one connection ended, and what RFC 6455 §7 thinks of it.</summary>
internal sealed record ClosingBehaviour(Outcome Outcome, string Detail)
{
    public static readonly ClosingBehaviour None = new(Outcome.Ok, "no WebSocket connection to close");

    public static readonly ClosingBehaviour NotReached = new(Outcome.Ok, "not reached");
}
