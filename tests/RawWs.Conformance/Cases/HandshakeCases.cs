namespace RawWs.Conformance;

/// <summary>The opening handshake (RFC 6455 §4.2): what must be accepted, and what must be refused. Autobahn has no such cases.</summary>
internal static class HandshakeCases
{
    public static CaseList Create()
    {
        var cases = new CaseList("handshake");
        AddAccepted(cases);
        AddRefused(cases);
        AddKeys(cases);
        AddVersions(cases);
        AddEarlyData(cases);
        return cases;
    }

    private static void AddAccepted(CaseList cases)
    {
        Accept(cases, "minimal", "A request with nothing but what §4.1 asks for.", RfcHttp.ServerHandshake, r => r);
        Accept(cases, "key-of-the-rfc", "The example key of §1.3; the accept value is s3pPLMBiTxaQ9kYGzzhZRbK+xOo=.",
            RfcHttp.ServerHandshake, r => r.With("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="));
        Accept(cases, "key-zeros", "A key of zeros.", RfcHttp.Key, r => r.With("Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="));
        Accept(cases, "key-plus-and-slash", "A key with + and /.", RfcHttp.Key,
            r => r.With("Sec-WebSocket-Key", "+/+/+/+/+/+/+/+/+/+/+w=="));
        Accept(cases, "names-lower-case", "Header names in lower case.", RfcHttp.ServerHandshake,
            r => r.Renamed(name => name.ToLowerInvariant()));
        Accept(cases, "names-upper-case", "Header names in upper case.", RfcHttp.ServerHandshake,
            r => r.Renamed(name => name.ToUpperInvariant()));
        Accept(cases, "order-reversed", "The headers in reverse order.", RfcHttp.BadHandshake, r => r.InReverse());
        Accept(cases, "upgrade-mixed-case", "Upgrade: WebSocket.", RfcHttp.UpgradeHeader, r => r.With("Upgrade", "WebSocket"));
        Accept(cases, "upgrade-upper-case", "Upgrade: WEBSOCKET.", RfcHttp.UpgradeHeader, r => r.With("Upgrade", "WEBSOCKET"));
        Accept(cases, "upgrade-list", "Upgrade: example/1, websocket.", RfcHttp.UpgradeHeader,
            r => r.With("Upgrade", "example/1, websocket"));
        Accept(cases, "connection-lower-case", "Connection: upgrade.", RfcHttp.ConnectionHeader, r => r.With("Connection", "upgrade"));
        Accept(cases, "connection-list", "Connection: keep-alive, Upgrade, as Firefox sends it.", RfcHttp.ConnectionHeader,
            r => r.With("Connection", "keep-alive, Upgrade"));
        Accept(cases, "connection-list-no-space", "Connection: keep-alive,Upgrade.", RfcHttp.ConnectionHeader,
            r => r.With("Connection", "keep-alive,Upgrade"));
        Accept(cases, "connection-two-lines", "Connection in two lines, the second with Upgrade.", RfcHttp.ConnectionHeader,
            r => r.With("Connection", "keep-alive").And("Connection", "Upgrade"));
        Accept(cases, "connection-empty-elements", "Connection: , ,Upgrade,", RfcHttp.EmptyElements, r => r.With("Connection", ", ,Upgrade,"));
        Accept(cases, "value-with-whitespace", "Spaces and tabs around header values.", RfcHttp.ServerHandshake,
            r => r.With("Upgrade", " \t websocket \t").With("Sec-WebSocket-Version", " 13 "));
        Accept(cases, "value-without-space", "No space after the colon.", RfcHttp.ServerHandshake,
            r => r.Without("Upgrade").AndLine("Upgrade:websocket"));
        Accept(cases, "unknown-headers", "Headers that the server does not know.", RfcHttp.ServerHandshake,
            r => r.And("X-Unknown", "1").And("X-Empty", "").And("Sec-WebSocket-Unknown", "x"));
        Accept(cases, "browser", "All the headers of a browser.", RfcHttp.ServerHandshake,
            r => r.With("Connection", "keep-alive, Upgrade").And("Pragma", "no-cache").And("Cache-Control", "no-cache")
            .And("User-Agent", "Mozilla/5.0").And("Accept-Encoding", "gzip, deflate, br").And("Accept-Language", "en").And("Cookie",
                "a=b; c=d").And("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"));
        Accept(cases, "cookie-4-kib", "A cookie of 4 KiB.", RfcHttp.ServerHandshake, r => r.And("Cookie", "c=" + new string('x', 4096)));
        Accept(cases, "forty-headers", "Forty more headers.", RfcHttp.ServerHandshake,
            r => Enumerable.Range(0, 40).Aggregate(r, (request, i) => request.And($"X-Header-{i}", "value")));
        Accept(cases, "query", "A query after the path.", RfcHttp.ServerHandshake,
            r => r with { RequestTarget = r.RequestTarget + "?a=1&b=%20&c" });
        Accept(cases, "empty-line-first", "An empty line before the request line.", RfcHttp.EmptyLine, r => r with { Preamble = "\r\n" });
        Accept(cases, "content-length-0", "Content-Length: 0.", RfcHttp.Body, r => r.And("Content-Length", "0"));

        cases.Add("absolute-form", "The request target in absolute form.", RfcHttp.AbsoluteForm, Expected.Open, async c =>
        {
            var target = c.Options.Target;
            await OpenAndEchoAsync(c,
                UpgradeRequest.To(target, c.Random) with { RequestTarget = $"http://{target.Authority}{target.PathAndQuery}" });
        });

        foreach (var (name, protocols) in ((string, string)[])[("one", "chat"), ("two", "chat, superchat"),
            ("many", string.Join(", ", Enumerable.Range(0, 100).Select(i => $"protocol-{i}")))])
            Accept(cases, $"subprotocol-{name}", $"{name} subprotocols offered.", RfcHttp.Subprotocol,
                r => r.And("Sec-WebSocket-Protocol", protocols));
        Accept(cases, "subprotocol-empty-element", "Sec-WebSocket-Protocol: chat,,superchat", RfcHttp.EmptyElements,
            r => r.And("Sec-WebSocket-Protocol", "chat,,superchat"));
        Accept(cases, "subprotocol-two-lines", "Two subprotocols in two lines.", RfcHttp.Subprotocol,
            r => r.And("Sec-WebSocket-Protocol", "chat").And("Sec-WebSocket-Protocol", "superchat"));

        foreach (var (name, offer) in ((string, string)[])
        [
            ("unknown", "x-unknown"), ("unknown-parameters", "x-unknown; a; b=1; c=\"quoted\""), ("several", "x-one, x-two; p=1, x-three"),
            ("constructor", "constructor"), ("prototype", "__proto__; toString=1"),
                ("hundred", string.Join(", ", Enumerable.Range(0, 100).Select(i => $"x-{i}"))),
            ("frame-deflate", "x-webkit-deflate-frame"),
        ])
        {
            Accept(cases, $"extension-{name}", $"Sec-WebSocket-Extensions: {(offer.Length > 60 ? offer[..60] + "…" : offer)}",
                RfcHttp.UnknownExtension, r => r.And("Sec-WebSocket-Extensions", offer));
        }

        Accept(cases, "extension-empty-elements", "Sec-WebSocket-Extensions: , x-one, , x-two,", RfcHttp.EmptyElements,
            r => r.And("Sec-WebSocket-Extensions", ", x-one, , x-two,"));
        Accept(cases, "extension-two-lines", "Two unknown extensions in two lines.", RfcHttp.Extensions,
            r => r.And("Sec-WebSocket-Extensions", "x-one").And("Sec-WebSocket-Extensions", "x-two"));
    }

    private static void AddRefused(CaseList cases)
    {
        Refuse(cases, "method-get", "The method get, in lower case.", RfcHttp.Method, r => r with { Method = "get" }, 400, 405, 404, 426,
            501);
        foreach (var method in (string[])["POST", "PUT", "HEAD", "OPTIONS", "DELETE", "GETX"])
            Refuse(cases, $"method-{method}", $"The method {method}.", RfcHttp.BadHandshake, r => r with { Method = method }, 400, 405, 404,
                426, 501);

        Refuse(cases, "http-1-0", "An upgrade with HTTP/1.0.", RfcHttp.Http10, r => r with { Version = "HTTP/1.0" }, 400, 426, 505);
        Refuse(cases, "no-upgrade", "No Upgrade header.", RfcHttp.UpgradeHeader, r => r.Without("Upgrade"));
        Refuse(cases, "upgrade-empty", "An empty Upgrade header.", RfcHttp.UpgradeHeader, r => r.With("Upgrade", ""));
        Refuse(cases, "upgrade-other", "Upgrade: h2c.", RfcHttp.UpgradeHeader, r => r.With("Upgrade", "h2c"));
        Refuse(cases, "upgrade-longer", "Upgrade: websockets.", RfcHttp.UpgradeHeader, r => r.With("Upgrade", "websockets"));
        Refuse(cases, "no-connection", "No Connection header.", RfcHttp.ConnectionHeader, r => r.Without("Connection"));
        Refuse(cases, "connection-keep-alive", "Connection: keep-alive.", RfcHttp.ConnectionHeader,
            r => r.With("Connection", "keep-alive"));
        Refuse(cases, "connection-close", "Connection: close.", RfcHttp.ConnectionHeader, r => r.With("Connection", "close"));
        Refuse(cases, "connection-longer", "Connection: Upgrades.", RfcHttp.ConnectionHeader, r => r.With("Connection", "Upgrades"));
        Refuse(cases, "connection-other-token", "Connection: x-upgrade, keep-alive.", RfcHttp.ConnectionHeader,
            r => r.With("Connection", "x-upgrade, keep-alive"));
        Refuse(cases, "no-host", "No Host header.", RfcHttp.Host, r => r.Without("Host"), 400);
        Refuse(cases, "two-hosts", "Two Host headers.", RfcHttp.Host, r => r.And("Host", "example.com"), 400);
        Refuse(cases, "two-equal-hosts", "The same Host header twice.", RfcHttp.Host, r => r.With("Host", "a").And("Host", "a"), 400);
        Refuse(cases, "host-with-space", "Host: a b.", RfcHttp.Host, r => r.With("Host", "a b"), 400);
        Refuse(cases, "host-with-slash", "Host: a/b.", RfcHttp.Host, r => r.With("Host", "a/b"), 400);
        Refuse(cases, "host-with-user", "Host: user@a.", RfcHttp.Host, r => r.With("Host", "user@a"), 400);

        foreach (var (name, value) in ((string, string)[])
        [
            ("semicolon", ";"), ("no-name", "; a=1"), ("equals", "permessage-deflate; =1"), ("unclosed-quote", "x; a=\"b"),
                ("space-in-name", "x y"),
            ("separator", "x; a=(b)"), ("value-missing", "x; a="), ("quoted-not-token", "x; a=\"b c\""),
        ])
        {
            cases.Add($"refuse-extension-malformed-{name}", $"Sec-WebSocket-Extensions: {value}", RfcHttp.ExtensionGrammar,
                "the handshake is refused; a server that negotiates no extensions at all may be forgiven.", c =>
                ExpectMalformedExtensionRefusedAsync(c, value));
        }

        foreach (var (name, value) in ((string, string)[])[("space", "ch at"), ("separator", "chat/1"), ("empty", ""),
            ("quoted", "\"chat\"")])
        {
            // The ABNF of §4.3 is 1#token; §4.2.1 makes any violation of the ABNF an error, but many servers do not read the header at all.
            cases.Add($"subprotocol-malformed-{name}", $"Sec-WebSocket-Protocol: {value}", RfcHttp.BadHandshake,
                "the handshake is refused; a server that knows no subprotocols may as well not look.", async c =>
            {
                var peer = await c.ConnectAsync();
                var request = UpgradeRequest.To(c.Options.Target, c.Random).And("Sec-WebSocket-Protocol", value);
                var response = await peer.ExchangeAsync(request);
                c.Verdict(Outcome.Informational, $"answered by {response?.Status.ToString() ?? "nothing"}");
                if (response is { Status: 101 })
                    peer.Establish(request, response);
                else
                    Refusal.Judge(c, peer, response, 400);
            });
        }
    }

    private static async Task ExpectMalformedExtensionRefusedAsync(CaseContext c, string value)
    {
        var peer = await c.ConnectAsync();
        var request = UpgradeRequest.To(c.Options.Target, c.Random).And("Sec-WebSocket-Extensions", value);
        var response = await peer.ExchangeAsync(request);
        if (response is not { Status: 101 })
        {
            Refusal.Judge(c, peer, response, 400);
            return;
        }

        var probe = await c.OpenAsync(UpgradeRequest.To(c.Options.Target, c.Random).And("Sec-WebSocket-Extensions", "permessage-deflate"));
        if (probe.Deflate is not null)
            throw VerdictException.Failed("the request was answered by 101, by a server that does negotiate extensions");
        c.Verdict(Outcome.NonStrict, "accepted: the server does not look at the header");
    }

    private static void AddKeys(CaseList cases)
    {
        Refuse(cases, "no-key", "No Sec-WebSocket-Key.", RfcHttp.Key, r => r.Without("Sec-WebSocket-Key"));
        foreach (var (name, key) in ((string, string)[])
        [
            ("empty", ""), ("not-base64", "!!!!!!!!!!!!!!!!!!!!!!=="), ("base64url", "-_-_-_-_-_-_-_-_-_-_-w=="),
                ("without-padding", "dGhlIHNhbXBsZSBub25jZQ"),
            ("one-padding", "dGhlIHNhbXBsZSBub25jZQ="), ("three-padding", "dGhlIHNhbXBsZSBub25jZQ==="),
                ("space-inside", "dGhlIHNhbXBs ZSBub25jZQ=="), ("two-in-list", "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ=="),
        ])
        {
            Refuse(cases, $"key-{name}", $"Sec-WebSocket-Key: {key}", RfcHttp.KeyGrammar, r => r.With("Sec-WebSocket-Key", key), 400);
        }

        foreach (var (name, key) in ((string, string)[])[("1-byte", "AA=="), ("15-bytes", "AAAAAAAAAAAAAAAAAAAA"),
            ("17-bytes", "AAAAAAAAAAAAAAAAAAAAAAA="), ("24-bytes", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")])
        {
            cases.Add($"refuse-key-of-{name}", $"Sec-WebSocket-Key: {key}", RfcHttp.KeyNeedNotBeDecoded,
                "refused, because §4.2.1 asks for 16 bytes; a server that does not decode it is non-strict.", async c =>
            {
                var peer = await c.ConnectAsync();
                var response = await peer.ExchangeAsync(UpgradeRequest.To(c.Options.Target, c.Random).With("Sec-WebSocket-Key", key));
                if (response is { Status: 101 })
                    c.Verdict(Outcome.NonStrict, "accepted");
                else
                    Refusal.Judge(c, peer, response, 400);
            });
        }

        Refuse(cases, "two-keys", "Two Sec-WebSocket-Key headers.", RfcHttp.SingleKey,
            r => r.And("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), 400);
        Refuse(cases, "two-equal-keys", "The same Sec-WebSocket-Key twice.", RfcHttp.SingleKey,
            r => r.With("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==").And("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="), 400);
    }

    private static void AddVersions(CaseList cases)
    {
        // 7 and 8 are drafts that a server may still speak.
        foreach (var version in (string[])["0", "7", "8", "12", "14", "25", "99", "255"])
        {
            cases.Add($"version-{version}", $"Sec-WebSocket-Version: {version}", RfcHttp.Version,
                "an error with Sec-WebSocket-Version: 13 in it.", async c =>
            {
                var peer = await c.ConnectAsync();
                var request = UpgradeRequest.To(c.Options.Target, c.Random).With("Sec-WebSocket-Version", version);
                var response = await peer.ExchangeAsync(request);
                if (response is { Status: 101 } && version is "7" or "8")
                {
                    c.Verdict(Outcome.Informational, "the server speaks this draft too");
                    return;
                }

                Refusal.Judge(c, peer, response);
                if (response is null || !response.HasToken("Sec-WebSocket-Version", "13"))
                    throw VerdictException.Failed("the answer has no Sec-WebSocket-Version: 13");
                if (response.Status != 426)
                    c.Note("not 426");
                else if (!response.All("Upgrade").Any())
                    c.Verdict(Outcome.NonStrict,
                        "426 without an Upgrade header (RFC 9110 §15.5.22: “MUST send an Upgrade header field in a 426 response”)");
            });
        }

        Refuse(cases, "no-version", "No Sec-WebSocket-Version.", RfcHttp.BadHandshake, r => r.Without("Sec-WebSocket-Version"), 400, 426);
        foreach (var (name, version) in ((string, string)[])[("empty", ""), ("word", "abc"), ("signed", "+13"), ("decimal", "13.0"),
            ("leading-zero", "013"), ("list", "13, 8"), ("hex", "0xd"), ("too-large", "4294967309")])
            Refuse(cases, $"version-{name}", $"Sec-WebSocket-Version: {version}", RfcHttp.VersionGrammar,
                r => r.With("Sec-WebSocket-Version", version), 400, 426);
        Refuse(cases, "two-versions", "Versions 13 and 8 in two lines.", RfcHttp.SingleVersion, r => r.And("Sec-WebSocket-Version", "8"),
            400, 426);
        Refuse(cases, "two-equal-versions", "Version 13 in two lines.", RfcHttp.SingleVersion, r => r.And("Sec-WebSocket-Version", "13"),
            400, 426);
    }

    private static void AddEarlyData(CaseList cases)
    {
        cases.Add("early-frame", "A text frame in the same segment as the request, before the answer.", RfcHttp.MustWait,
            "the rule binds us, not the server: it may answer the frame or refuse, but not lose the frame and go on.", async c =>
        {
            var peer = await c.ConnectAsync();
            var request = UpgradeRequest.To(c.Options.Target, c.Random) with { Trailing = Frame.Text("early").ToBytes(c.Random) };
            var response = await peer.ExchangeAsync(request);
            if (response is not { Status: 101 })
            {
                c.Verdict(Outcome.Informational, $"refused with {response?.Status.ToString() ?? "the end of TCP"}");
                return;
            }

            peer.Establish(request, response);
            await peer.ExpectEchoAsync(Frame.Text("early"));
        });

        foreach (var header in (string[])["Content-Length: 11", "Transfer-Encoding: chunked"])
        {
            var name = header.StartsWith('C') ? "content-length" : "chunked";
            cases.Add($"body-{name}", $"An upgrade request with {header} and a body that is a WebSocket frame.", RfcHttp.Body,
                "the body is a body: the request is refused, or the octets are passed over, but never read as frames.", async c =>
            {
                var frame = (Frame.Text("smile") with { MaskingKey = 0 }).ToBytes(c.Random);
                var body = name == "chunked" ? [.. "b\r\n"u8, .. frame, .. "\r\n0\r\n\r\n"u8] : frame;
                var peer = await c.ConnectAsync();
                var request = UpgradeRequest.To(c.Options.Target, c.Random).AndLine(header) with { Trailing = body };
                var response = await peer.ExchangeAsync(request);
                if (response is not { Status: 101 })
                {
                    Refusal.Judge(c, peer, response);
                    return;
                }

                peer.Establish(request, response);
                await peer.SendAsync(Frame.Text("after"));
                var received = await peer.ReceiveAsync();
                RawPeer.RequireEchoOf(received, [Frame.Text("after")]);
            });
        }
    }

    private static void Accept(CaseList cases, string name, string title, Clause clause, Func<UpgradeRequest, UpgradeRequest> change) =>
        cases.Add(name, title, clause, Expected.Open, c => OpenAndEchoAsync(c, change(UpgradeRequest.To(c.Options.Target, c.Random))));

    private static void Refuse(CaseList cases, string name, string title, Clause clause, Func<UpgradeRequest, UpgradeRequest> change,
        params int[] best) =>
        cases.Add("refuse-" + name, title, clause, Expected.Refuse,
            c => Refusal.ExpectAsync(c, change(UpgradeRequest.To(c.Options.Target, c.Random)), best));

    private static async Task OpenAndEchoAsync(CaseContext c, UpgradeRequest request)
    {
        var peer = await c.OpenAsync(request);
        if (peer.Deflate is null)
            await peer.EchoAsync(Frame.Text("open"));
    }
}
