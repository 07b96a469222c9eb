namespace RawWs.Conformance;

/// <summary>Messages in so many fragments that a server may call it an attack.</summary>
internal static class ManyFragments
{
    private const int Suspicious = 10_000;

    /// <summary>Expects the echo; above 10 000 fragments, a server that refuses with a code that says so is non-strict.</summary>
    public static async Task EchoAsync(CaseContext c, Frame[] frames)
    {
        var peer = await c.OpenAsync();
        await peer.SendAsync(frames);
        if (frames.Length < Suspicious)
        {
            await peer.ExpectEchoAsync(frames);
            return;
        }

        var received = await peer.ReceiveAsync();
        if (received.Kind == ReceivedKind.Close && received.Code is 1008 or 1009)
        {
            // §10.4 names limits of frame and message size only, but memory is held per fragment too.
            c.Verdict(Outcome.NonStrict, $"the server limits the number of fragments: {received}");
            await peer.JudgeFailureAsync(received, received.Code ?? 0);
            return;
        }

        RawPeer.RequireEchoOf(received, frames);
    }
}
