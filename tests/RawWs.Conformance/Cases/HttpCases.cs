namespace RawWs.Conformance;

/// <summary>HTTP strictness (RFC 9112): what a lenient parser lets through is what request smuggling is made of.</summary>
internal static class HttpCases
{
    public static CaseList Create()
    {
        var cases = new CaseList("http");
        AddLines(cases);
        AddFields(cases);
        AddBodies(cases);
        AddLimits(cases);
        AddOther(cases);
        return cases;
    }

    private static void AddLines(CaseList cases)
    {
        Open(cases, "two-empty-lines-first", "Two empty lines before the request line.", RfcHttp.EmptyLine,
            r => r with { Preamble = "\r\n\r\n" }, orRefuse: true);
        Open(cases, "bare-lf", "Lines that end in LF alone.", RfcHttp.LineEnd, r => r with { LineEnd = "\n" }, orRefuse: true);
        Refuse(cases, "bare-cr", "Lines that end in CR alone.", RfcHttp.BareCr,
            r => r with { LineEnd = "\r", Trailing = "\r\n\r\n"u8.ToArray() }, 400);

        foreach (var (name, line) in ((string, string)[])
        [
            ("no-version", "GET {0}"), ("no-target", "GET HTTP/1.1"), ("extra-word", "GET {0} extra HTTP/1.1"),
                ("version-garbage", "GET {0} HTTP/x.y"), ("version-http", "GET {0} HTTP"),
            ("version-lower-case", "GET {0} http/1.1"), ("version-1-11", "GET {0} HTTP/1.11"), ("version-signed", "GET {0} HTTP/+1.1"),
                ("version-space", "GET {0} HTTP/1 .1"),
            ("method-empty", " {0} HTTP/1.1"), ("method-not-token", "G@T( {0} HTTP/1.1"), ("method-nul", "G\0T {0} HTTP/1.1"),
                ("target-nul", "GET {0}\0 HTTP/1.1"),
            ("target-control", "GET {0}\u0001 HTTP/1.1"), ("target-del", "GET {0}\u007F HTTP/1.1"), ("target-tab", "GET {0}\tx HTTP/1.1"),
                ("target-fragment", "GET {0}#fragment HTTP/1.1"),
            ("target-not-a-path", "GET echo HTTP/1.1"), ("target-authority", "GET example.com:80 HTTP/1.1"),
                ("target-asterisk", "GET * HTTP/1.1"),
            ("cr-in-line", "GET {0}\rx HTTP/1.1"), ("tabs", "GET\t{0}\tHTTP/1.1"), ("empty", ""),
        ])
        {
            Refuse(cases, $"request-line-{name}", $"The request line “{line.Replace("{0}", "/path", StringComparison.Ordinal)}”.",
                RfcHttp.RequestLine,
                r => r with { RequestLine = line.Replace("{0}", r.RequestTarget, StringComparison.Ordinal) }, 400, 404, 405, 501, 505, 426);
        }

        Refuse(cases, "version-0.9", "The version HTTP/0.9.", RfcHttp.BadHandshake, r => r with { Version = "HTTP/0.9" }, 505, 400, 426);
        foreach (var version in (string[])["HTTP/2.0", "HTTP/3.0", "HTTP/9.9"])
        {
            cases.Add($"version-{version[5..]}", $"The version {version} in an HTTP/1.1 request line.", RfcHttp.HttpVersion,
                "505; RFC 6455 §4.2.1 has “HTTP/1.1 or higher”, so 101 is not wrong.", async c =>
            {
                var peer = await c.ConnectAsync();
                var request = UpgradeRequest.To(c.Options.Target, c.Random) with { Version = version };
                var response = await peer.ExchangeAsync(request);
                if (response is { Status: 101 })
                {
                    c.Verdict(Outcome.Informational, "accepted");
                    peer.Establish(request, response);
                }
                else
                {
                    Refusal.Judge(c, peer, response, 505, 400, 426);
                }
            });
        }
    }

    private static void AddFields(CaseList cases)
    {
        Refuse(cases, "space-before-colon", "A space between header name and colon.", RfcHttp.SpaceBeforeColon,
            r => r.AndLine("X-Space : 1"), 400);
        Refuse(cases, "tab-before-colon", "A tab between header name and colon.", RfcHttp.SpaceBeforeColon, r => r.AndLine("X-Tab\t: 1"),
            400);
        Refuse(cases, "space-before-colon-of-key", "A space between Sec-WebSocket-Key and the colon.", RfcHttp.SpaceBeforeColon,
            r => r.Without("Sec-WebSocket-Key").AndLine("Sec-WebSocket-Key : dGhlIHNhbXBsZSBub25jZQ=="), 400);
        RefuseName(cases, "name-empty", "A header without a name.", r => r.AndLine(": value"));
        RefuseName(cases, "name-with-space", "A space in a header name.", r => r.AndLine("X Y: 1"));
        RefuseName(cases, "name-with-separator", "A parenthesis in a header name.", r => r.AndLine("X(Y): 1"));
        RefuseName(cases, "name-with-nul", "NUL in a header name.", r => r.AndLine("X\0Y: 1"));
        RefuseName(cases, "name-not-ascii", "A header name outside ASCII.", r => r.AndLine("X\u00E9: 1"));
        RefuseName(cases, "no-colon", "A header line without a colon.", r => r.AndLine("X-No-Colon"));

        Open(cases, "value-nul", "NUL in a header value.", RfcHttp.FieldValue, r => r.And("X-Nul", "a\0b"), orRefuse: true,
            preferRefusal: true);
        Open(cases, "value-bare-cr", "CR in a header value.", RfcHttp.BareCr, r => r.And("X-Cr", "a\rb"), orRefuse: true,
            preferRefusal: true);
        Open(cases, "value-control", "A control character in a header value.", RfcHttp.FieldValue, r => r.And("X-Control", "a\u0001b"),
            orRefuse: true, preferRefusal: true);
        cases.Add("value-latin1", "An octet above 127 in a header value (obs-text).", RfcHttp.ObsText, Expected.Open, async c =>
        {
            var peer = await c.ConnectAsync();
            var request = UpgradeRequest.To(c.Options.Target, c.Random).And("X-Latin", "caf\u00E9");
            var response = await peer.ExchangeAsync(request);
            if (response is { Status: 101 })
                peer.Establish(request, response);
            else
                c.Verdict(Outcome.NonStrict, $"answered by {response?.Status.ToString() ?? "nothing"}");
        });
        Open(cases, "value-tab", "A tab in a header value, which is allowed.", RfcHttp.FieldValue, r => r.And("X-Tab", "a\tb"),
            orRefuse: false);
        Open(cases, "obs-fold", "A folded header.", RfcHttp.ObsFold, r => r.AndLine("X-Folded: one\r\n two"), orRefuse: true);
        Open(cases, "obs-fold-first", "A line that begins with a space right after the request line.", RfcHttp.LeadingWhitespace,
            r => r.FirstLine(" X-First: 1"), orRefuse: true);
        Refuse(cases, "whitespace-hides-upgrade", "The Upgrade header right after the request line, with a space before it.",
            RfcHttp.LeadingWhitespace, r => r.Without("Upgrade").FirstLine(" Upgrade: websocket"));
        Refuse(cases, "fold-hides-upgrade", "Upgrade: websocket as the continuation of another header.", RfcHttp.ObsFold,
            r => r.Without("Upgrade").AndLine("X-Folded: one\r\n Upgrade: websocket"));
        Refuse(cases, "bare-cr-hides-upgrade", "Upgrade: websocket after a bare CR in another header.", RfcHttp.BareCr,
            r => r.Without("Upgrade").AndLine("X-Cr: one\rUpgrade: websocket"));
    }

    private static void AddBodies(CaseList cases)
    {
        foreach (var (name, value) in ((string, string)[])
        [
            ("signed", "+5"), ("negative", "-1"), ("empty", ""), ("hex", "0x5"), ("space-inside", "5 5"), ("word", "five"),
                ("overflow", "99999999999999999999999"), ("different-in-list", "5, 6"), ("decimal", "5.0"),
        ])
        {
            Refuse(cases, $"content-length-{name}", $"Content-Length: {value}", RfcHttp.ContentLength, r => r.And("Content-Length", value),
                400, 413);
        }

        Refuse(cases, "content-length-two-different", "Two different Content-Length headers.", RfcHttp.ContentLength,
            r => r.And("Content-Length", "0").And("Content-Length", "5"), 400);
        Refuse(cases, "content-length-and-chunked", "Content-Length and Transfer-Encoding: chunked.", RfcHttp.BothLengths,
            r => r.And("Content-Length", "5").And("Transfer-Encoding", "chunked") with { Trailing = "0\r\n\r\n"u8.ToArray() }, 400);
        foreach (var coding in (string[])["identity", "gzip", "chunked, identity", "xchunked", "chunked;x", "\"chunked\""])
            Refuse(cases,
                $"transfer-encoding-{coding.Replace(", ", "-", StringComparison.Ordinal).Replace("\"", "quote", StringComparison.Ordinal).Replace(';', '-')}", $"Transfer-Encoding: {coding}", RfcHttp.TransferEncoding, r => r.And("Transfer-Encoding", coding), 400, 501);

        cases.Add("refused-stays-refused", "A refused upgrade (no key), then a WebSocket frame on the same connection.",
            RfcHttp.BadHandshake, "the octets are never read as a frame: a proxy that has switched to tunnelling carries nothing.",
            async c =>
        {
            var (peer, _) = await Refusal.ExpectAsync(c, UpgradeRequest.To(c.Options.Target, c.Random).Without("Sec-WebSocket-Key"));
            await peer.SendAsync(Frame.Text("smuggled") with { MaskingKey = 0 });
            var rest = await peer.ReadToEndAsync(c.Options.FailFastTimeout);
            if (rest is not null && rest.AsSpan().IndexOf("smuggled"u8) >= 0)
                throw VerdictException.Failed("the frame came back");
        });
    }

    private static void AddLimits(CaseList cases)
    {
        void Refuse(CaseList list, string name, string title, Clause clause, Func<UpgradeRequest, UpgradeRequest> change,
            params int[] best) =>
            list.Add("refuse-" + name, title, clause, Expected.Refuse,
                c => Refusal.ExpectAsync(c, change(UpgradeRequest.To(c.Options.Target, c.Random)), best), CaseTraits.Bulky);

        Refuse(cases, "target-of-64-kib", "A request target of 64 KiB.", RfcHttp.LongTarget,
            r => r with { RequestTarget = "/" + new string('a', 65_536) }, 414, 431, 400);
        Refuse(cases, "header-of-1-mib", "A header of 1 MiB.", RfcHttp.Limits, r => r.And("X-Large", new string('a', 1 << 20)), 431, 400);
        Refuse(cases, "name-of-100-kib", "A header name of 100 KiB.", RfcHttp.Limits, r => r.And(new string('a', 100_000), "1"), 431, 400);
        Refuse(cases, "ten-thousand-headers", "Ten thousand headers before those that count.", RfcHttp.Limits,
            r => r.FirstLine(string.Join("\r\n", Enumerable.Range(0, 10_000).Select(i => $"X-{i}: 1"))), 431, 400);
        Refuse(cases, "preamble-of-empty-lines", "100 000 empty lines and no request.", RfcHttp.InvalidMessage,
            r => r with { Preamble = string.Concat(Enumerable.Repeat("\r\n", 100_000)), RequestLine = "X" }, 400, 431);

        foreach (var (name, value) in ((string, string)[])[("spaces", new string(' ', 8000)), ("commas", new string(',', 8000)),
            ("semicolons", "x" + new string(';', 8000)), ("quotes", "x; a=" + new string('"', 8000))])
        {
            cases.Add($"linear-time-{name}", $"8000 {name} in Sec-WebSocket-Extensions and Sec-WebSocket-Protocol.", RfcHttp.Limits,
                "any answer, but within a second: the time must not grow with the square of the length.", async c =>
            {
                var peer = await c.ConnectAsync();
                var request = UpgradeRequest.To(c.Options.Target, c.Random).And("Sec-WebSocket-Extensions",
                    value).And("Sec-WebSocket-Protocol", value);
                var started = System.Diagnostics.Stopwatch.GetTimestamp();
                var response = await peer.ExchangeAsync(request);
                var elapsed = System.Diagnostics.Stopwatch.GetElapsedTime(started);
                c.Note($"{response?.Status.ToString() ?? "no answer"} after {elapsed.TotalMilliseconds:0} ms");
                if (response is null && peer.TcpEnd == TcpEnd.None)
                    throw VerdictException.Failed("no answer");
                if (elapsed > TimeSpan.FromSeconds(1) && c.Options.Chop == ChopMode.None)
                    c.Verdict(Outcome.NonStrict, "slow");
            }, CaseTraits.Bulky);
        }
    }

    private static void AddOther(CaseList cases)
    {
        foreach (var (name, bytes) in ((string, byte[])[])
        [
            ("tls-client-hello",
                [0x16, 0x03, 0x01, 0x00, 0x2F, 0x01, 0x00, 0x00, 0x2B, 0x03, 0x03, .. new byte[42], 0x0D, 0x0A, 0x0D, 0x0A]),
            ("binary", [0x00, 0xFF, 0x00, 0xFF, 0x0D, 0x0A, 0x0D, 0x0A]),
            ("http2-preface", [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8]),
            ("websocket-frame", [0x81, 0x85, 0, 0, 0, 0, .. "Hello"u8, 0x0D, 0x0A, 0x0D, 0x0A]),
        ])
        {
            cases.Add($"not-http-{name}", $"{name} on the plain port.", RfcHttp.InvalidMessage,
                "an error or the end of TCP, and no wait for more.", async c =>
            {
                var peer = await c.ConnectAsync();
                await peer.SendBytesAsync(bytes, name);
                try
                {
                    var response = await peer.ReadResponseAsync();
                    Refusal.Judge(c, peer, response);
                }
                catch (VerdictException verdict) when (verdict.Message.Contains("status line",
                    StringComparison.Ordinal) || verdict.Message.Contains("in the head", StringComparison.Ordinal))
                {
                    // A server that speaks HTTP/2 too answers the preface in kind.
                    c.Verdict(Outcome.Informational, "answered, but not in HTTP/1.1");
                }
            });
        }

        cases.Add("plain-get", "A GET without any WebSocket header.", RfcHttp.BadHandshake, "an HTTP answer that is not 101.", async c =>
        {
            var peer = await c.ConnectAsync();
            var request = UpgradeRequest.To(c.Options.Target,
                c.Random).Without("Upgrade").Without("Connection").Without("Sec-WebSocket-Key").Without("Sec-WebSocket-Version");
            var response = await peer.ExchangeAsync(request);
            if (response is null or { Status: 101 })
                throw VerdictException.Failed($"answered by {response?.Status.ToString() ?? "nothing"}");
            c.Note($"{response.Status}");
        });

        cases.Add("unknown-path", "An upgrade for a path that probably does not exist.", RfcHttp.NotAvailable,
            "404; an echo server may also serve every path.", async c =>
        {
            var peer = await c.ConnectAsync();
            var request = UpgradeRequest.To(c.Options.Target, c.Random) with { RequestTarget = "/no/such/path/7f3a" };
            var response = await peer.ExchangeAsync(request);
            if (response is { Status: 101 })
            {
                c.Verdict(Outcome.Informational, "the server serves every path");
                peer.Establish(request, response);
            }
            else
            {
                Refusal.Judge(c, peer, response, 404, 400);
            }
        });
    }

    private static void Refuse(CaseList cases, string name, string title, Clause clause, Func<UpgradeRequest, UpgradeRequest> change,
        params int[] best) =>
        cases.Add("refuse-" + name, title.Replace("\0", "\\0", StringComparison.Ordinal), clause, Expected.Refuse,
            c => Refusal.ExpectAsync(c, change(UpgradeRequest.To(c.Options.Target, c.Random)), best));

    // RFC 9112 §2.2 has only a SHOULD for what does not match the grammar of HTTP; where it hides something, other cases say so.
    private static void RefuseName(CaseList cases, string name, string title, Func<UpgradeRequest, UpgradeRequest> change) =>
        cases.Add("refuse-" + name, title, RfcHttp.FieldName, "the request is refused with 400; RFC 9112 §2.2 says SHOULD.", async c =>
        {
            var peer = await c.ConnectAsync();
            var response = await peer.ExchangeAsync(change(UpgradeRequest.To(c.Options.Target, c.Random)));
            if (response is { Status: 101 })
                c.Verdict(Outcome.NonStrict, "accepted");
            else
                Refusal.Judge(c, peer, response, 400);
        });

    private static void Open(CaseList cases, string name, string title, Clause clause, Func<UpgradeRequest, UpgradeRequest> change,
        bool orRefuse, bool preferRefusal = false) =>
        cases.Add(name, title, clause, orRefuse ? "completed with 101 or refused with an error." : Expected.Open, async c =>
        {
            var request = change(UpgradeRequest.To(c.Options.Target, c.Random));
            var peer = await c.ConnectAsync();
            var response = await peer.ExchangeAsync(request);
            if (orRefuse && response is not { Status: 101 })
            {
                Refusal.Judge(c, peer, response);
                return;
            }

            if (response is null)
                throw VerdictException.Failed("no answer");
            if (preferRefusal)
                c.Note("accepted");
            peer.Establish(request, response);
        });
}
