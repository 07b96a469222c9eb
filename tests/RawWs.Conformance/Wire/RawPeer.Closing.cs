namespace RawWs.Conformance;

/// <content>RFC 6455 §7: ending the connection, and judging how the server does its part.</content>
internal sealed partial class RawPeer
{
    /// <summary>Whether the connection still needs a closing handshake.</summary>
    public bool IsOpen { get; private set; }

    public ClosingBehaviour Closing { get; private set; } = ClosingBehaviour.None;

    /// <summary>Starts the closing handshake, and expects the server to answer it and to close TCP first.</summary>
    public async Task CloseAsync(int code = 1000, string reason = "")
    {
        await SendAsync(Frame.Close(code, reason));
        await ExpectCloseReplyAsync(code);
    }

    /// <summary>Expects the answer to a close frame that has been sent.</summary>
    /// <param name="sent">Its code; <see langword="null"/> if it had no body.</param>
    /// <param name="allowMessages">Whether echoes that are still under way may come before the answer.</param>
    public async Task ExpectCloseReplyAsync(int? sent, bool allowMessages = false)
    {
        IsOpen = false;
        var received = await ReceiveAsync();
        while (received.Kind == ReceivedKind.Pong || (allowMessages && received.Kind == ReceivedKind.Message))
            received = await ReceiveAsync();

        if (received.Kind == ReceivedKind.Message)
            throw VerdictException.Failed($"{received} that nothing called for");

        if (received.Kind != ReceivedKind.Close)
        {
            Closing = new ClosingBehaviour(Outcome.Failed,
                $"the close frame was answered by {Describe(received)} (§5.5.1: “MUST send a Close frame in response”)");
            return;
        }

        RequireLegalCloseBody(received);
        await JudgeTcpAsync(received.Code == sent || (sent is null && received.Code == 1000)
            ? new ClosingBehaviour(Outcome.Ok, $"{received}")
            : new ClosingBehaviour(Outcome.NonStrict,
                $"{sent?.ToString() ?? "an empty close"} was answered by {received} (§5.5.1: “typically echos the status code”)"));
    }

    /// <summary>
    /// Expects the server to fail the connection with <paramref name="code"/> and without processing what was illegal.
    /// </summary>
    /// <param name="code">The close code that the RFC names.</param>
    /// <param name="tolerated">Codes that are defensible, and non-strict.</param>
    public Task ExpectFailAsync(int code, params int[] tolerated) => ExpectFailAfterAsync(code, null, tolerated);

    /// <summary>As <see cref="ExpectFailAsync"/>, after the echo of a legal message that came first.</summary>
    public async Task ExpectFailAfterAsync(int code, Frame? legal, params int[] tolerated)
    {
        IsOpen = false;
        var received = await ReceiveAsync();
        if (legal is not null && received.Kind == ReceivedKind.Message)
        {
            RequireEcho(received, legal.Opcode, legal.Payload.Span);
            received = await ReceiveAsync();
        }
        else if (legal is not null)
        {
            _context.Verdict(Outcome.NonStrict, "the legal message before the violation was not echoed");
        }

        await JudgeFailureAsync(received, code, tolerated);
    }

    /// <summary>Leaves the connection as it is; the case has seen all it wanted.</summary>
    public void Abandon() => (IsOpen, Closing) = (false, new ClosingBehaviour(Outcome.Ok, "judged by the case itself"));

    /// <summary>Judges what came in answer to a violation.</summary>
    public async Task JudgeFailureAsync(Received received, int code, params int[] tolerated)
    {
        IsOpen = false;
        switch (received.Kind)
        {
            case ReceivedKind.Close when received.Code == code || (received.Code is { } other && tolerated.Contains(other)):
                RequireLegalCloseBody(received);
                await AnswerCloseAsync(received);
                await JudgeTcpAsync(received.Code == code
                    ? new ClosingBehaviour(Outcome.Ok, $"{received}")
                    : new ClosingBehaviour(Outcome.NonStrict, $"{received}, where {code} says it better"));
                break;

            case ReceivedKind.Close:
                throw VerdictException.Failed($"the connection was failed by {received}, which does not say what happened; §7.4.1 has {code} for this");

            case ReceivedKind.End:
                Closing = new ClosingBehaviour(
                    Outcome.NonStrict,
                    $"no close frame, only {(TcpEnd == TcpEnd.Reset ? "RST" : "FIN")} (§7.1.7: “SHOULD send a Close frame with an appropriate status code”)");
                break;

            case ReceivedKind.Silence:
                throw VerdictException.Failed($"the connection was not failed within {Options.Timeout.TotalSeconds:0.#} s");

            default:
                throw VerdictException.Failed($"the connection was not failed: got {received}");
        }
    }

    /// <summary>Sends the answer to a close frame of the server, as §5.5.1 asks of us.</summary>
    private Task AnswerCloseAsync(Received close) => SendAsync(Frame.Close(close.Payload.AsMemory(0, Math.Min(2, close.Payload.Length))));

    private async Task JudgeTcpAsync(ClosingBehaviour soFar)
    {
        Closing = soFar;
        var received = await ReceiveAsync();
        if (received.Kind is ReceivedKind.Message or ReceivedKind.Pong or ReceivedKind.Close)
            throw VerdictException.Failed($"{received} after the server's close frame (§5.5.1: nothing may follow it)");

        var (outcome, detail) = received.Kind == ReceivedKind.Silence
            ? (Outcome.Failed, "the server did not close TCP (§5.5.1: “The server MUST close the underlying TCP connection immediately”)")
            : TcpEnd == TcpEnd.Reset
                ? (Outcome.NonStrict, "the server reset TCP (§7.1.1: “SHOULD use a method that cleanly closes the TCP connection”)")
                : (Outcome.Ok, "the server closed TCP first");

        Closing = new ClosingBehaviour(outcome == Outcome.Ok ? soFar.Outcome : outcome, $"{soFar.Detail}; {detail}");
    }

    private static void RequireLegalCloseBody(Received close)
    {
        if (close.Payload.Length == 1)
            throw VerdictException.Failed("the server's close frame has a body of one byte (§5.5.1)");
        if (close.Code is < 1000 or 1004 or 1005 or 1006 or 1015 or (>= 1016 and < 3000))
            throw VerdictException.Failed($"the server sent close code {close.Code}, which must not be on the wire (§7.4)");
        if (close.Payload.Length > 2 && !Utf8Bytes.IsValid(close.Payload.AsSpan(2)))
            throw VerdictException.Failed("the server's close reason is not UTF-8 (§5.5.1)");
    }

    private string Describe(Received received) =>
        received.Kind == ReceivedKind.End ? TcpEnd == TcpEnd.Reset ? "RST" : "FIN alone" : received.ToString();
}
