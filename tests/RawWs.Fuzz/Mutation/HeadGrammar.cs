using System.Text;

namespace RawWs.Fuzz;

/// <summary>Opening handshakes, and heads of requests that are almost that. A line is changed as a line, so that the rest stays what it was.</summary>
internal sealed class HeadGrammar : InputGrammar
{
    private static readonly string[] RequestLines =
    [
        "GET / HTTP/1.1", "GET /echo HTTP/1.1", "GET /a%20b?x=%2F&y HTTP/1.1", "GET http://localhost/echo HTTP/1.1", "GET ws://[::1]:80?q HTTP/1.1",
        "GET * HTTP/1.1", "GET /%2e%2e/x HTTP/1.1", "GET /a/../b HTTP/1.1", "GET /%C3%A9 HTTP/1.1", "GET /%ff HTTP/1.1", "GET /%00 HTTP/1.1", "GET /% HTTP/1.1",
        "GET /%5c HTTP/1.1", "GET /x%2Fy%25 HTTP/1.1", "GET http://u@h/ HTTP/1.1", "POST / HTTP/1.1", "OPTIONS * HTTP/1.1", "CONNECT h:80 HTTP/1.1", "get / HTTP/1.1",
        "GET / HTTP/1.0", "GET / HTTP/2.0", "GET / HTTP/1.9", "GET / HTTP/1.10", "GET / http/1.1", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", "GET /", "GET / x HTTP/1.1", "", " ",
        "PRI * HTTP/2.0",
    ];

    private static readonly string[] Fields =
    [
        "Host: localhost", "Host: example.com:8080", "Host: [::1]:80", "Host: a,b", "Host:", "Host: a b", "Host: h:", "Host: h:123456", "HOST:\tlocalhost \t",
        "Upgrade: websocket", "Upgrade: h2c, WebSocket", "Upgrade: websocket/13", "Upgrade: ,,websocket", "upgrade:websocket", "Upgrade: \"websocket\"",
        "Connection: Upgrade", "Connection: keep-alive, upgrade", "Connection: close", "Connection: Upgrade,", "Connection: , ,",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR==",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ= ", "Sec-WebSocket-Key: dGhl IHNhbXBsZSBub25jZQ=",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 8", "Sec-WebSocket-Version: 013", "Sec-WebSocket-Version: 13, 8",
        "Sec-WebSocket-Protocol: chat", "Sec-WebSocket-Protocol: chat, superchat", "Sec-WebSocket-Protocol: chat, chat", "Sec-WebSocket-Protocol: ,", "Sec-WebSocket-Protocol: a b",
        "Sec-WebSocket-Extensions: permessage-deflate", "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits",
        "Sec-WebSocket-Extensions: constructor, __proto__; x=\"\\\"\"", "Origin: http://localhost", "Origin: null", "Cookie: a=b",
        "Content-Length: 0", "Content-Length: 5", "Content-Length: +0", "Transfer-Encoding: chunked", "Transfer-Encoding:", "Expect: 100-continue",
        ": x", "X", "X : y", " X: y", "X: \u0001", "X: \u007F", "X: \u00E9", "X: a\rb", "X: a\nb", "X(y): z", "X: ",
    ];

    private static readonly string[] LineEnds = ["\r\n", "\n", "\r", "\r\r\n", "\n\r", ""];
    private static readonly char[] Characters = ['\0', '\t', '\n', '\r', ' ', '"', '%', ',', '.', '/', ':', ';', '=', '?', '[', '\\', ']', '\x7F', '\x80', '\xFF', 'a'];

    /// <inheritdoc/>
    public override byte[] Generate(SplitMix64 random)
    {
        List<string> lines =
        [
            random.OneIn(2) ? "GET /echo HTTP/1.1" : random.Of<string>(RequestLines),
            "Host: localhost",
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "Sec-WebSocket-Version: 13",
        ];

        for (var count = random.Below(4); count > 0; count--)
            lines.Insert(random.Between(1, lines.Count), random.Of<string>(Fields));

        return ToBytes([.. lines, "", random.OneIn(4) ? "behind the head" : ""]);
    }

    /// <inheritdoc/>
    public override byte[] Mutate(byte[] input, SplitMix64 random)
    {
        var lines = Encoding.Latin1.GetString(input).Split("\r\n").ToList();
        var at = random.Below(lines.Count);
        var line = lines[at];
        var inLine = random.Below(line.Length + 1);

        switch (random.Below(12))
        {
            case 0: lines.RemoveAt(at); break;
            case 1: lines.Insert(at, lines[random.Below(lines.Count)]); break;
            case 2: lines.Insert(at, random.Of<string>(Fields)); break;
            case 3: lines[at] = random.Of<string>(at == 0 ? RequestLines : Fields); break;
            case 4: lines[at] = line.Insert(inLine, random.Of<char>(Characters).ToString()); break;
            case 5: lines[at] = line[..inLine] + random.Of<string>(LineEnds) + line[inLine..]; break;
            case 6: lines[at] = random.OneIn(2) ? line.ToUpperInvariant() : SwapCase(line); break;
            case 7: lines[at] = line.Insert(inLine, new string(random.Of<char>(Characters), random.OneIn(4) ? 1000 : random.Between(2, 80))); break;
            case 8: lines[at] = line[..inLine]; break;
            case 9: lines.InsertRange(at, Enumerable.Repeat(random.Of<string>(Fields), random.Between(2, 40))); break;
            case 10: Join(lines, at, random); break;
            default: (lines[at], lines[0]) = (lines[0], lines[at]); break;
        }

        return ToBytes(lines);
    }

    private static void Join(List<string> lines, int at, SplitMix64 random)
    {
        if (at + 1 >= lines.Count)
            return;

        lines[at] += random.Of<string>(LineEnds) + lines[at + 1];
        lines.RemoveAt(at + 1);
    }

    private static string SwapCase(string line)
        => string.Concat(line.Select(letter => char.IsAsciiLetterUpper(letter) ? char.ToLowerInvariant(letter) : char.ToUpperInvariant(letter)));

    private static byte[] ToBytes(IEnumerable<string> lines) => Encoding.Latin1.GetBytes(string.Join("\r\n", lines));
}
