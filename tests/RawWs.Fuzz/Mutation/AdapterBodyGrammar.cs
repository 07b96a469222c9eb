using System.Buffers;
using System.Text;
using System.Text.Json;
using RawWs.Redis.SocketIO;
using RawWs.SocketIO.Protocol;

namespace RawWs.Fuzz;

/// <summary>What Socket.IO servers publish for each other: JSON, MessagePack, and the base64 of it that streams and sessions have.</summary>
internal sealed class AdapterBodyGrammar : InputGrammar
{
    private const string Binary = """{"_placeholder":true,"num":0}""";

    private static readonly string[] Values =
    [
        "1", "-0.0", "1e999", "18446744073709551616", "0.1", "null", "true", "\"x\"", "\"\\ud800\"", "\"\\ud83d\\ude00\"", "{}", "[]", "{\"a\":[1,{\"b\":null}]}", Binary, """{"_placeholder":true,"num":9}""",
        """{"_placeholder":1}""", """{"a":1,"a":2}""", "[[[[[[[[1]]]]]]]]",
    ];

    private static readonly string[] Options =
    [
        """{"rooms":[],"except":[],"flags":{}}""", """{"rooms":["room1"],"except":[]}""", """{"rooms":["room1","r2"],"except":["r3"],"flags":{"volatile":true,"compress":false,"timeout":300,"expectSingleResponse":true}}""",
        """{"rooms":[1,2.5],"flags":{"timeout":-1}}""", """{"rooms":null}""", "[]", """{"rooms":"r"}""",
    ];

    // $v stands for a value, $o for options.
    private static readonly string[] Bodies =
    [
        """["_LH5Mc",{"type":2,"data":["e",$v,$v],"nsp":"/"},$o]""", """["emitter",{"type":5,"data":["e",$v]},$o]""", """["_LH5Mc",{"type":2,"data":["connect"],"nsp":"/"},$o]""", """["x",{"type":2,"data":["e"],"nsp":"/admin"},$o]""",
        """{"uid":"u","requestId":"r","type":0,"rooms":["room1"]}""", """{"uid":"u","requestId":"r","type":1}""", """{"uid":"u","type":2,"opts":$o,"rooms":["r3",4]}""", """{"uid":"u","type":3,"opts":$o,"rooms":["room1"]}""",
        """{"uid":"u","type":4,"opts":$o,"close":true}""", """{"uid":"u","requestId":"r","type":5,"opts":$o}""", """{"uid":"u","requestId":"r","type":6,"data":["sse",$v]}""", """{"type":2,"requestId":"r","sid":"s","room":"r"}""",
        """{"uid":"u","requestId":"r","type":7,"packet":{"type":2,"data":["q",$v],"nsp":"/"},"opts":$o}""", """{"type":8,"requestId":"r","clientCount":1}""", """{"type":9,"requestId":"r","packet":$v}""",
        """{"requestId":"r","sockets":[{"id":"s","handshake":{"auth":$v},"rooms":["s","room1"],"data":{"user":$v}},{"id":"t","data":$v}]}""", """{"requestId":"r","rooms":["a",1]}""",
        """{"type":3,"data":{"packet":{"type":2,"data":["hi",$v]},"opts":$o},"uid":"u","nsp":"/"}""", """{"type":3,"data":{"packet":{"type":2,"data":["hi",$v]},"requestId":"r","opts":$o},"uid":"u","nsp":"/"}""",
        """{"type":4,"data":{"opts":$o,"rooms":["r3"]},"uid":"u","nsp":"/"}""", """{"type":6,"data":{"opts":$o,"close":true},"uid":"u","nsp":"/"}""", """{"type":7,"data":{"opts":$o,"requestId":"r"},"uid":"u","nsp":"/"}""",
        """{"type":8,"data":{"requestId":"r","sockets":[{"id":"s","handshake":$v,"rooms":["s"],"data":{"user":$v}}]},"uid":"u","nsp":"/"}""", """{"type":9,"data":{"requestId":"r","packet":["sse",$v]},"uid":"u","nsp":"/"}""",
        """{"type":10,"data":{"requestId":"r","packet":$v},"uid":"u","nsp":"/"}""", """{"type":11,"data":{"requestId":"r","clientCount":2},"uid":"u","nsp":"/"}""", """{"type":12,"data":{"requestId":"r","packet":$v},"uid":"u","nsp":"/"}""",
        """{"type":1,"data":{},"uid":"u","nsp":"/"}""", """{"packet":{"type":2,"data":["hi",$v]},"opts":$o}""", """{"sid":"s","pid":"p","rooms":["s","room1"],"data":{"user":$v},"nsp":"/","offset":"1-0"}""",
    ];

    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\ud800", "\"uid\"", "\"nsp\"", "\"opts\"", "\"\\ud800\":1,", "1e999", "-1", "\u0080", "\u0081", "\u0090", "\u0091", "\u00c0", "\u00c1", "\u00c4\u0001", "\u00c6\u00ff\u00ff\u00ff\u00ff",
        "\u00dd\u00ff\u00ff\u00ff\u00ff", "\u00df\u007f\u00ff\u00ff\u00ff", "\u00d4\0\0", "\u00d7\0", "\u00c7\u0008\0", "\u00cb\u007f\u00f0\0\0\0\0\0\0", "\u00cf\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff", "\u00a1e", "\u00d9\u00ff", "=", "gA==",
    ];

    /// <inheritdoc/>
    public override byte[] Generate(SplitMix64 random)
    {
        var json = new StringBuilder();
        foreach (var part in random.Of<string>(Bodies).Split('$'))
        {
            if (json.Length == 0)
                json.Append(part);
            else
                json.Append(part[0] == 'v' ? random.Of<string>(Values) : random.Of<string>(Options)).Append(part, 1, part.Length - 1);
        }

        return random.Below(3) switch
        {
            0 => Encoding.UTF8.GetBytes(json.ToString()),
            1 => Pack($"{json}"),
            _ => StreamEntryBody.Encode(Pack($"{json}")).ToArray(),
        };
    }

    /// <inheritdoc/>
    public override byte[] Mutate(byte[] input, SplitMix64 random)
    {
        var at = random.Below(input.Length + 1);
        var cut = random.OneIn(2) ? 0 : random.Below(Math.Min(8, input.Length - at) + 1);
        var text = random.Below(8) switch
        {
            0 => random.Of<string>(Values),
            1 => random.Of<string>(Options),
            2 => string.Concat(Enumerable.Repeat(random.Of<string>(Pieces), random.Between(2, 80))),
            _ => random.Of<string>(Pieces),
        };
        return [.. input.AsSpan(0, at), .. Encoding.Latin1.GetBytes(text), .. input.AsSpan(at + cut)];
    }

    private static byte[] Pack(string json)
    {
        using var document = JsonDocument.Parse(json);
        var output = new ArrayBufferWriter<byte>();
        new MessagePackWriter(output).WriteJson(document.RootElement, [new byte[] { 1, 2 }, .. Enumerable.Repeat(ReadOnlyMemory<byte>.Empty, 9)]);
        return output.WrittenSpan.ToArray();
    }
}
