namespace RawWs.Conformance;

/// <summary>Violations that can be seen before the frame or the message is complete.</summary>
internal static class FailFast
{
    /// <summary>
    /// Expects the connection to be failed on what has been sent. A server that needs the rest to notice is non-strict: the RFC
    /// says that it must fail, not how early, but what it waits for is memory that the peer can claim.
    /// </summary>
    public static async Task ExpectAsync(CaseContext context, RawPeer peer, int code, Func<Task> sendRest, params int[] tolerated)
    {
        var received = await peer.ReceiveAsync(context.Options.FailFastTimeout);
        if (received.Kind == ReceivedKind.Silence)
        {
            await sendRest();
            received = await peer.ReceiveAsync();
            if (received.Kind is ReceivedKind.Close or ReceivedKind.End)
                context.Verdict(Outcome.NonStrict, "failed, but only after the rest had been sent");
        }

        await peer.JudgeFailureAsync(received, code, tolerated);
    }
}
