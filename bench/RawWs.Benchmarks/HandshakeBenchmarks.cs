using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using RawWs.Protocol;

namespace RawWs.Benchmarks;

/// <summary>Reading and judging the opening handshake that a browser sends, beside splitting it into strings, which judges next to nothing.</summary>
[MemoryDiagnoser]
public class HandshakeBenchmarks
{
    private static readonly byte[] Request = Encoding.ASCII.GetBytes(
        "GET /chat?room=lobby HTTP/1.1\r\nHost: example.com:3000\r\nConnection: keep-alive, Upgrade\r\nPragma: no-cache\r\nCache-Control: no-cache\r\n" +
        "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\nUpgrade: websocket\r\n" +
        "Origin: https://example.com\r\nSec-WebSocket-Version: 13\r\nAccept-Encoding: gzip, deflate, br\r\nAccept-Language: en-GB,en;q=0.9\r\n" +
        "Cookie: session=0123456789abcdef; theme=dark\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n");

    private readonly RequestHeadLimits _limits = new(8192, 16384, 100);

    [Benchmark]
    public int ReadAndCheck()
    {
        using var head = new RequestHead(_limits);
        var input = new ReadOnlySequence<byte>(Request);
        head.TryRead(ref input);
        OpeningHandshake.CheckRequest(head);
        OpeningHandshake.CheckUpgrade(head);
        return head.FieldCount;
    }

    [Benchmark(Baseline = true)]
    public string SplitIntoStrings()
    {
        var lines = Encoding.ASCII.GetString(Request).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var fields = lines.Skip(1).Select(line => line.Split(':', 2)).ToDictionary(pair => pair[0], pair => pair[1].Trim(), StringComparer.OrdinalIgnoreCase);
        return fields["Sec-WebSocket-Key"];
    }
}
