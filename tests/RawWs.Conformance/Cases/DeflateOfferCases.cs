namespace RawWs.Conformance;

/// <summary>Offers of permessage-deflate that must be declined, and lists of offers.</summary>
internal static class DeflateOfferCases
{
    public static CaseList Create()
    {
        var cases = new CaseList("deflate-offer");
        foreach (var parameters in (string[])
        [
            "unknown", "unknown=1", "server_max_window_bits", "server_max_window_bits=7", "server_max_window_bits=16",
                "server_max_window_bits=0", "server_max_window_bits=08",
            "server_max_window_bits=015", "server_max_window_bits=+9", "server_max_window_bits=-9", "server_max_window_bits=9.0",
                "server_max_window_bits=nine", "server_max_window_bits=4294967305",
            "server_max_window_bits=0xA", "client_max_window_bits=7", "client_max_window_bits=16", "client_max_window_bits=08",
                "client_max_window_bits=ten", "client_max_window_bits=255",
            "server_no_context_takeover=1", "client_no_context_takeover=true", "server_no_context_takeover; server_no_context_takeover",
                "client_no_context_takeover; client_no_context_takeover",
            "server_max_window_bits=10; server_max_window_bits=10", "server_max_window_bits=10; server_max_window_bits=11",
                "client_max_window_bits; client_max_window_bits", "client_max_window_bits=10; client_max_window_bits",
            "Server_No_Context_Takeover=x", "constructor", "__proto__=1",
        ])
        {
            var name = parameters.Replace("; ", "-and-", StringComparison.Ordinal).Replace('=', '-').Replace('+', 'p');
            cases.Add($"decline-{name}", $"Offer “permessage-deflate; {parameters}”.", Rfc7692.Decline,
                "the handshake is completed without the extension.", c => ExpectDeclinedAsync(c, parameters));
        }

        AddAccept(cases, "plain", "permessage-deflate", "accepted.");
        AddAccept(cases, "quoted-value", "permessage-deflate; client_max_window_bits=\"15\"",
            "accepted: §9.1 of RFC 6455 allows a quoted string.");
        AddAccept(cases, "no-spaces", "permessage-deflate;client_max_window_bits;client_no_context_takeover", "accepted.");
        AddAccept(cases, "spaces", "permessage-deflate ;  client_max_window_bits ; client_no_context_takeover", "accepted.");
        AddAccept(cases, "after-unknown", "x-unknown; a=1, permessage-deflate", "the offer that the server knows is accepted.");
        AddAccept(cases, "before-unknown", "permessage-deflate, x-unknown; a=1", "the offer that the server knows is accepted.");
        AddAccept(cases, "second-of-two", "permessage-deflate; unknown, permessage-deflate", "the first is declined, the second accepted.");
        AddAccept(cases, "fallback", "permessage-deflate; server_max_window_bits=99, permessage-deflate; client_max_window_bits",
            "the first is declined, the second accepted.");
        AddAccept(cases, "ten-same", string.Join(", ", Enumerable.Repeat("permessage-deflate", 10)), "one of them is accepted.");
        AddAccept(cases, "browser", "permessage-deflate; client_max_window_bits", "accepted.");

        cases.Add("two-lines", "An unknown extension in one line, permessage-deflate in the next.", RfcHttp.Extensions,
            "the offer that the server knows is accepted.", async c =>
            await EchoAsync(c, await OpenLinesAsync(c, "x-unknown", "permessage-deflate")));

        cases.Add("not-used-if-not-offered", "No offer; a message with RSV1.", Rfc6455.Rsv, Expected.FailProtocol, async c =>
        {
            var peer = await c.OpenAsync();
            await peer.SendAsync(Frame.Text(Convert.FromHexString("f248cdc9c90700")) with { Rsv = Frame.Rsv1 });
            await peer.ExpectFailAsync(1002);
        });
        return cases;
    }

    private static void AddAccept(CaseList cases, string name, string offer, string expectation) =>
        cases.Add($"accept-{name}", $"Offer “{(offer.Length > 90 ? offer[..90] + "…" : offer)}”.", Rfc7692.Preference, expectation,
            async c =>
        {
            await RequireDeflateAsync(c);
            var peer = await OpenLinesAsync(c, offer);
            if (peer.Deflate is null)
                c.Verdict(Outcome.NonStrict, "declined, although the server does speak permessage-deflate");
            await EchoAsync(c, peer);
        });

    private static async Task ExpectDeclinedAsync(CaseContext c, string parameters)
    {
        // A server that declines everything would pass without having been tested.
        await RequireDeflateAsync(c);
        var peer = await c.ConnectAsync();
        var request = UpgradeRequest.To(c.Options.Target, c.Random).And("Sec-WebSocket-Extensions", $"permessage-deflate; {parameters}");
        var response = await peer.ExchangeAsync(request);
        if (response is not { Status: 101 })
        {
            Refusal.Judge(c, peer, response, 400);
            c.Verdict(Outcome.NonStrict, "the whole handshake is refused, where only the offer is to be declined");
            return;
        }

        if (response.Single("Sec-WebSocket-Extensions") is { } accepted)
            throw VerdictException.Failed($"accepted, with “{accepted}”");
        peer.Establish(request, response);
        await peer.EchoAsync(Frame.Text("uncompressed"));
    }

    private static async Task RequireDeflateAsync(CaseContext c) => await (await c.OpenDeflateAsync("permessage-deflate")).CloseAsync();

    private static Task<RawPeer> OpenLinesAsync(CaseContext c, params string[] offers) =>
        c.OpenAsync(offers.Aggregate(UpgradeRequest.To(c.Options.Target, c.Random),
            (request, offer) => request.And("Sec-WebSocket-Extensions", offer)));

    private static async Task EchoAsync(CaseContext c, RawPeer peer)
    {
        if (peer.Deflate is null)
        {
            c.Verdict(Outcome.Unimplemented, "declined");
            await peer.EchoAsync(Frame.Text("uncompressed"));
            return;
        }

        await peer.SendAsync(Frame.Text(Convert.FromHexString("f248cdc9c90700")) with { Rsv = Frame.Rsv1 });
        await peer.ExpectEchoAsync(Frame.Text("Hello"));
    }
}
