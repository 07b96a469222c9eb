using System.Buffers;
using System.Text;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public partial class RequestHeadTests
{
    private const string Start = "GET /chat HTTP/1.1\r\n";

    // RFC 6455 §1.2, byte for byte.
    [Fact]
    public void Example_of_the_RFC_is_read()
        => Assert.Equal(
            [
                "GET /chat",
                "Host=server.example.com",
                "Upgrade=websocket",
                "Connection=Upgrade",
                "Sec-WebSocket-Key=dGhlIHNhbXBsZSBub25jZQ==",
                "Origin=http://example.com",
                "Sec-WebSocket-Protocol=chat, superchat",
                "Sec-WebSocket-Version=13",
            ],
            HeadTranscript.Of(SampleRequest.Text));

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "GET /")]
    [InlineData("GET /a/b?c=d&e HTTP/1.1\r\n\r\n", "GET /a/b?c=d&e")]
    [InlineData("POST /x HTTP/1.1\r\n\r\n", "POST /x")]
    [InlineData("get / HTTP/1.1\r\n\r\n", "get /")]
    [InlineData("M-SEARCH / HTTP/1.1\r\n\r\n", "M-SEARCH /")]
    [InlineData("GET / HTTP/1.2\r\n\r\n", "GET /")]
    [InlineData("GET ws://server.example.com/chat?x HTTP/1.1\r\n\r\n", "GET /chat?x")]
    [InlineData("\r\nGET / HTTP/1.1\r\n\r\n", "GET /")]
    public void Request_line_is_read(string head, string line) => Assert.Equal([line], HeadTranscript.Of(head));

    [Theory]
    [InlineData("A: b", "A=b")]
    [InlineData("A:b", "A=b")]
    [InlineData("A: \t b c \t ", "A=b c")]
    [InlineData("A:", "A=")]
    [InlineData("A: \t ", "A=")]
    [InlineData("A: b:c", "A=b:c")]
    [InlineData("a!#$%&'*+-.^_`|~9: b", "a!#$%&'*+-.^_`|~9=b")]
    [InlineData("A: \x80\xff", "A=\x80\xff")]
    [InlineData("A: b\tc", "A=b\tc")]
    [InlineData("A: \"q, r\"", "A=\"q, r\"")]
    public void Field_line_is_read(string field, string line)
        => Assert.Equal(["GET /chat", line, "Host=h"], HeadTranscript.Of($"{Start}{field}\r\nHost: h\r\n\r\n"));

    [Fact]
    public void What_lies_behind_the_head_stays_in_the_input()
    {
        Assert.Equal(["GET /chat", "A=b", "+ \x81\x85\n"], HeadTranscript.Of($"{Start}A: b\r\n\r\n\x81\x85\n"));
        Assert.Equal(["GET /chat", "+ \r\n\r\n"], HeadTranscript.Of($"{Start}\r\n\r\n\r\n"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("G")]
    [InlineData("\r")]
    [InlineData("\r\n")]
    [InlineData("\r\nGET")]
    [InlineData("GET / HTTP/1.1\r")]
    [InlineData("GET / HTTP/1.1\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: h")]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\n\r")]
    public void Beginning_of_a_head_is_not_yet_a_head(string head) => Assert.Equal(["incomplete"], HeadTranscript.Of(head));

    [Theory]
    [InlineData("GET /\r\n\r\n", 400)] // HTTP/0.9
    [InlineData("GET / HTTP/0.9\r\n\r\n", 505)]
    [InlineData("GET / HTTP/2.0\r\n\r\n", 505)]
    [InlineData("GET / HTTP/9.9\r\n\r\n", 505)]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505)] // the preface of HTTP/2
    [InlineData("GET / HTTP/1.1 \r\n\r\n", 400)]
    [InlineData("GET / http/1.1\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.10\r\n\r\n", 400)]
    [InlineData("GET / HTTP/11\r\n\r\n", 400)]
    [InlineData("GET / HTTP/1.x\r\n\r\n", 400)]
    [InlineData("GET / HTTP/x.1\r\n\r\n", 400)]
    [InlineData("GET / HTTPS/1.1\r\n\r\n", 400)]
    [InlineData("GET / \r\n\r\n", 400)]
    [InlineData("GET\r\n\r\n", 400)]
    [InlineData("GET HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET  HTTP/1.1\r\n\r\n", 400)]
    [InlineData(" GET / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET  / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /  HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /a b HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET\t/\tHTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET\t/ HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /\tHTTP/1.1\r\n\r\n", 400)]
    [InlineData("G(T / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("G\0T / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /\0 HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /\x7f HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET /\xc3\xa9 HTTP/1.1\r\n\r\n", 400)]
    [InlineData("GET * HTTP/1.1\r\n\r\n", 400)]
    [InlineData("\r\n\r\nGET / HTTP/1.1\r\n\r\n", 400)]
    [InlineData("\nGET / HTTP/1.1\r\n\r\n", 400)]
    public void Request_line_that_breaks_a_rule_is_refused(string head, int status) => AssertRefused(status, head);

    [Theory]
    [InlineData("A : b")] // CVE-2019-20444 of another server: white space before the colon
    [InlineData("A\t: b")]
    [InlineData(" A: b")]
    [InlineData("\tA: b")]
    [InlineData("A")]
    [InlineData(": b")]
    [InlineData(":")]
    [InlineData(" ")]
    [InlineData("A\0: b")]
    [InlineData("A(: b")]
    [InlineData("\xc3\xa9: b")]
    [InlineData("A: b\0c")]
    [InlineData("A: b\x01")]
    [InlineData("A: b\x1f")]
    [InlineData("A: b\x7f")]
    [InlineData("A: b\rc")]
    [InlineData("A: b\r")]
    [InlineData("A: \r")]
    [InlineData("A\r: b")]
    [InlineData("A: b\v")]
    public void Field_line_that_breaks_a_rule_is_refused_with_400(string field)
    {
        AssertRefused(400, $"{Start}{field}\r\nHost: h\r\n\r\n");
        AssertRefused(400, $"{Start}Host: h\r\n{field}\r\n\r\n");
    }

    // RFC 9112 §5.2: "A server that receives an obs-fold in a request message ... MUST either reject the message ... or replace".
    [Theory]
    [InlineData("A: b\r\n c\r\n")]
    [InlineData("A: b\r\n\tc\r\n")]
    [InlineData("A: b\r\n \r\n")]
    public void Folded_line_is_refused_with_400(string fields) => AssertRefused(400, $"{Start}{fields}\r\n");

    [Theory]
    [InlineData("GET / HTTP/1.1\nHost: h\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: h\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\n\n")]
    [InlineData("GET / HTTP/1.1\n\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: h\n\n")]
    [InlineData("\n")]
    [InlineData("\r\n\n")]
    public void Bare_line_feed_is_refused_with_400(string head) => AssertRefused(400, head);

    [Theory]
    [InlineData("GET / HTTP/1.1\r\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\rHost: h\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\n\rX: y\r\n\r\n")]
    [InlineData("GET / HTTP/1.1\r\nHost: h\r\r\n\r\n")]
    [InlineData("\rGET / HTTP/1.1\r\n\r\n")]
    public void Bare_carriage_return_is_refused_with_400(string head) => AssertRefused(400, head);

    // What no continuation could make a request is refused at its first byte, and does not hold the connection until a deadline.
    [Theory]
    [InlineData("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")] // a TLS ClientHello
    [InlineData("\x16")]
    [InlineData("\x81")] // a WebSocket frame
    [InlineData("\0")]
    [InlineData(" ")]
    [InlineData("\r\n\x16")]
    public void What_is_not_HTTP_is_refused_with_400_at_once(string head) => AssertRefused(400, head);

    [Fact]
    public void Value_can_be_found_by_name_in_any_case_of_letters()
    {
        using var head = SampleRequest.Read("A: 1\r\nb: 2\r\na: 3\r\n");

        Assert.Equal((0, 2, -1), (head.IndexOf("a"u8), head.IndexOf("A"u8, from: 1), head.IndexOf("A"u8, from: 3)));
        Assert.Equal((2, 1, 0), (head.CountOf("A"u8), head.CountOf("B"u8), head.CountOf("C"u8)));
        Assert.Equal(-1, head.IndexOf(""u8));
    }

    [Theory]
    [InlineData("Connection: Upgrade\r\n", true)]
    [InlineData("CONNECTION: uPGRADE\r\n", true)]
    [InlineData("Connection: keep-alive, Upgrade\r\n", true)]
    [InlineData("Connection: ,\t Upgrade\t ,,\r\n", true)]
    [InlineData("Connection: keep-alive\r\nConnection: Upgrade\r\n", true)]
    [InlineData("Connection: Upgraded\r\n", false)]
    [InlineData("Connection: keep-alive Upgrade\r\n", false)]
    [InlineData("Connection: \"Upgrade\"\r\n", false)]
    [InlineData("Connection: Upgrade; q=1\r\n", false)]
    [InlineData("Connection:\r\n", false)]
    [InlineData("Connections: Upgrade\r\n", false)]
    [InlineData("", false)]
    public void List_over_several_fields_is_searched_by_element(string fields, bool isThere)
    {
        using var head = SampleRequest.Read(fields);
        Assert.Equal(isThere, head.ListContains("Connection"u8, "Upgrade"u8));
    }

    [Fact]
    public void Debugger_sees_the_head_and_not_what_lies_behind_it()
    {
        var input = new ReadOnlySequence<byte>(Encoding.Latin1.GetBytes($"{Start}A: b\r\n\r\n\x81\x80"));
        using var head = new RequestHead(HeadTranscript.Roomy);
        head.TryRead(ref input);

        Assert.Equal($"{Start}A: b\r\n\r\n", head.ToString());
    }

    [Fact]
    public void Head_in_one_segment_is_not_copied()
    {
        var wire = Encoding.Latin1.GetBytes($"{Start}A: b\r\n\r\n");
        var input = new ReadOnlySequence<byte>(wire);
        using var head = new RequestHead(HeadTranscript.Roomy);

        Assert.True(head.TryRead(ref input));
        wire[^5] = (byte)'c';
        Assert.Equal("c"u8, head.ValueOf(0));
    }

    [Fact]
    public void What_is_not_HTTP_is_not_called_a_long_request_line() => AssertRefused(400, $"\x16{new string('A', 100)}\r\n", Narrow);

    private static void AssertRefused(int status, string head, RequestHeadLimits? limits = null)
    {
        var line = Assert.Single(HeadTranscript.Of(head, limits));
        Assert.StartsWith($"{status} ", line, StringComparison.Ordinal);
    }
}
