using System.Text;

namespace RawWs.Fuzz;

/// <summary>Requests with and without bodies, one behind the other, and what is almost that. None is HEAD, whose response looks as if it had content.</summary>
internal sealed class RequestGrammar : InputGrammar
{
    private static readonly string[] Fields =
    [
        "Connection: close", "Connection: keep-alive", "Connection: close, keep-alive", "Expect: 100-continue", "Expect: x", "Content-Length: 5", "Content-Length: 5, 5", "Content-Length: 05",
        "Content-Length: 301", "Content-Length: +5", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked", "Transfer-Encoding: chunked, chunked", "Transfer-Encoding: identity",
        "Transfer-Encoding : chunked", "TE: trailers", "Trailer: X", "Host: b", "Upgrade: h2c", "Range: bytes=0-1", "X: y",
    ];

    private readonly HeadGrammar _heads = new();
    private readonly ChunkGrammar _chunks = new();

    /// <inheritdoc/>
    public override byte[] Generate(SplitMix64 random)
    {
        var requests = new List<byte>();
        for (var count = random.Between(1, 4); count > 0; count--)
            requests.AddRange(Request(random));

        return [.. requests];
    }

    /// <inheritdoc/>
    public override byte[] Mutate(byte[] input, SplitMix64 random) => random.OneIn(3) ? _chunks.Mutate(input, random) : _heads.Mutate(input, random);

    private byte[] Request(SplitMix64 random) => random.Below(6) switch
    {
        0 or 1 => Head("GET", "/hello?" + random.Below(10), random),
        2 => [.. Head("POST", random.OneIn(3) ? "/unread" : "/body", random, "Transfer-Encoding: chunked"), .. _chunks.Generate(random)],
        3 => Head("OPTIONS", random.OneIn(2) ? "*" : "/body", random),
        _ => Counted(random),
    };

    private static byte[] Counted(SplitMix64 random)
    {
        // Now and then less than is announced, or more, which is then another request or none.
        var body = Encoding.ASCII.GetBytes(random.OneIn(4) ? "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n" : new string('x', random.Below(400)));
        var length = random.OneIn(6) ? random.Below(400) : body.Length;
        return [.. Head("POST", random.OneIn(3) ? "/unread" : "/body", random, $"Content-Length: {length}"), .. body];
    }

    private static byte[] Head(string method, string target, SplitMix64 random, params string[] fields)
    {
        List<string> lines = [$"{method} {target} HTTP/1.{(random.OneIn(8) ? 0 : 1)}", "Host: a", .. fields];
        if (random.OneIn(3))
            lines.Insert(random.Between(1, lines.Count), random.Of<string>(Fields));

        return Encoding.ASCII.GetBytes(string.Join("\r\n", [.. lines, "", ""]));
    }
}
