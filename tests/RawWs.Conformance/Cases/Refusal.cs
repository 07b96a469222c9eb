namespace RawWs.Conformance;

/// <summary>Requests that must not be answered with 101.</summary>
internal static class Refusal
{
    /// <summary>Expects an HTTP error.</summary>
    /// <param name="context">The running case.</param>
    /// <param name="request">The request.</param>
    /// <param name="best">Status codes that say it best; another error is non-strict. None means that any will do.</param>
    public static async Task<(RawPeer Peer, HttpResponse? Response)> ExpectAsync(CaseContext context, UpgradeRequest request,
        params int[] best)
    {
        var peer = await context.ConnectAsync();
        var response = await peer.ExchangeAsync(request);
        Judge(context, peer, response, best);
        return (peer, response);
    }

    public static void Judge(CaseContext context, RawPeer peer, HttpResponse? response, params int[] best)
    {
        if (response is null && peer.TcpEnd == TcpEnd.None)
            throw VerdictException.Failed($"no answer within {context.Options.Timeout.TotalSeconds:0.#} s, and TCP is still open");

        if (response is null)
            context.Verdict(Outcome.NonStrict, "the server dropped TCP without an HTTP answer");
        else if (response.Status < 400)
            throw VerdictException.Failed($"the request was answered by {response.Status}");
        else if (best.Length > 0 && !best.Contains(response.Status))
            context.Verdict(Outcome.NonStrict, $"{response.Status}, where {string.Join(" or ", best)} says it better");
        else if (response.Status >= 500 && best.Length == 0 && response.Status is not (501 or 505))
            context.Verdict(Outcome.NonStrict, $"{response.Status} says that the server is at fault, not the request");
        else
            context.Note($"{response.Status}");
    }

    /// <summary>As <see cref="ExpectAsync"/>, and TCP must be closed after the answer.</summary>
    public static async Task ExpectAndCloseAsync(CaseContext context, UpgradeRequest request, params int[] best)
    {
        var (peer, response) = await ExpectAsync(context, request, best);
        if (response is not null && await peer.ReadToEndAsync(context.Options.FailFastTimeout * 2) is null)
            context.Verdict(Outcome.NonStrict, "the server kept TCP open after an unreadable request");
    }
}
