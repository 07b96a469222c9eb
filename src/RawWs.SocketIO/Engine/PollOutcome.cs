using RawWs.SocketIO.Protocol;

namespace RawWs.SocketIO.Engine;

/// <summary>What becomes of a request to a session.</summary>
/// <param name="Body">What is answered with 200.</param>
/// <param name="Error">What is answered instead, if there is any.</param>
/// <param name="IsViolation">Whether it is answered with an empty 400: the request has cost the session its life.</param>
internal readonly record struct PollOutcome(PollingBody Body, EngineError? Error = null, bool IsViolation = false)
{
    public static readonly PollOutcome Violation = new(default, IsViolation: true);

    public static PollOutcome Refused(EngineError error) => new(default, error);
}
