using System.Buffers;
using System.Text;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

/// <summary>The opening handshake of RFC 6455 §1.2, and variations of it.</summary>
internal static class SampleRequest
{
    public const string Text =
        "GET /chat HTTP/1.1\r\n" +
        "Host: server.example.com\r\n" +
        "Upgrade: websocket\r\n" +
        "Connection: Upgrade\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
        "Origin: http://example.com\r\n" +
        "Sec-WebSocket-Protocol: chat, superchat\r\n" +
        "Sec-WebSocket-Version: 13\r\n" +
        "\r\n";

    /// <summary>The sample with one part replaced, which must be there.</summary>
    public static RequestHead With(string part, string replacement)
    {
        Assert.Contains(part, Text, StringComparison.Ordinal);
        return ReadWhole(Text.Replace(part, replacement, StringComparison.Ordinal));
    }

    /// <summary>A request that has only these fields, each with its line end.</summary>
    public static RequestHead Read(string fields) => ReadWhole($"GET / HTTP/1.1\r\n{fields}\r\n");

    private static RequestHead ReadWhole(string text)
    {
        var head = new RequestHead(new RequestHeadLimits(1 << 20, 1 << 20, 1 << 16));
        var input = new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes(text));

        Assert.True(head.TryRead(ref input));
        Assert.True(input.IsEmpty);
        return head;
    }
}
