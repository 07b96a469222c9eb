namespace RawWs.Conformance;

/// <summary>One offer of permessage-deflate (RFC 7692 §7.1), and what an answer to it may look like.</summary>
internal sealed record DeflateOffer
{
    public bool ServerNoContextTakeover { get; init; }

    public bool ClientNoContextTakeover { get; init; }

    public int? ServerMaxWindowBits { get; init; }

    /// <summary>0 means the parameter without a value.</summary>
    public int? ClientMaxWindowBits { get; init; }

    /// <summary>A name for case ids: s and c for no context takeover, then the window bits.</summary>
    public string Name =>
        $"{(ServerNoContextTakeover ? "snct" : "sct")}-{(ClientNoContextTakeover ? "cnct" : "cct")}"
        + $"-s{ServerMaxWindowBits?.ToString() ?? "x"}-c{(ClientMaxWindowBits == 0 ? "any" : ClientMaxWindowBits?.ToString() ?? "x")}";

    /// <summary>Opens a connection with this offer, or ends the case if the server declines it.</summary>
    public async Task<RawPeer> OpenAsync(CaseContext context)
    {
        var peer = await context.OpenDeflateAsync(ToString());
        Check(peer.Deflate!);
        return peer;
    }

    public override string ToString() =>
        "permessage-deflate"
        + (ServerNoContextTakeover ? "; server_no_context_takeover" : "")
        + (ClientNoContextTakeover ? "; client_no_context_takeover" : "")
        + (ServerMaxWindowBits is { } server ? $"; server_max_window_bits={server}" : "")
        + (ClientMaxWindowBits is { } client ? client == 0 ? "; client_max_window_bits" : $"; client_max_window_bits={client}" : "");

    private void Check(DeflateSession answer)
    {
        if (ServerNoContextTakeover && !answer.ServerNoContextTakeover)
            throw VerdictException.Failed("the answer lacks server_no_context_takeover (RFC 7692 §7.1.1.1: the server “accepts … by including” it)");

        if (ServerMaxWindowBits is { } server && answer.ServerMaxWindowBits is not { } granted)
            throw VerdictException.Failed($"the answer lacks server_max_window_bits, where {server} was asked for (RFC 7692 §7.1.2.1)");

        if (answer.ServerMaxWindowBits > ServerMaxWindowBits)
            throw VerdictException.Failed($"server_max_window_bits={answer.ServerMaxWindowBits}, where {ServerMaxWindowBits} was asked for (RFC 7692 §7.1.2.1)");

        if (ClientMaxWindowBits is null && answer.ClientMaxWindowBits is not null)
            throw VerdictException.Failed("the answer has client_max_window_bits, which was not offered (RFC 7692 §7.1.2.2: “MUST NOT include”)");

        if (ClientMaxWindowBits is > 0 && answer.ClientMaxWindowBits > ClientMaxWindowBits)
            throw VerdictException.Failed($"client_max_window_bits={answer.ClientMaxWindowBits}, where {ClientMaxWindowBits} was offered (RFC 7692 §7.1.2.2)");
    }
}
