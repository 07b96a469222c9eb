using System.Buffers;
using System.Net;
using System.Text;
using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public class ResponseHeadTests
{
    // RFC 9110 §5.6.7's own example of a date.
    private static readonly DateTimeOffset Date = new(1994, 11, 6, 8, 49, 37, TimeSpan.Zero);

    [Fact]
    public void Response_of_the_RFC_is_written()
        => Assert.Equal(
            "HTTP/1.1 101 Switching Protocols\r\n" +
            "Upgrade: websocket\r\n" +
            "Connection: Upgrade\r\n" +
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" +
            "Sec-WebSocket-Protocol: chat\r\n" +
            "\r\n",
            SwitchingProtocols("chat", []));

    [Fact]
    public void Without_subprotocol_there_is_no_field_of_it()
        => Assert.DoesNotContain("Sec-WebSocket-Protocol", SwitchingProtocols(subprotocol: null, []), StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void Headers_of_the_application_follow_in_their_order()
        => Assert.EndsWith(
            "Set-Cookie: a=1\r\nX-Empty: \r\nSet-Cookie: b=2\r\n\r\n",
            SwitchingProtocols(subprotocol: null, new ResponseHeaders { { "Set-Cookie", "a=1" }, { "X-Empty", "" }, { "Set-Cookie", "b=2" } }),
            StringComparison.Ordinal);

    [Fact]
    public void Refusal_is_a_whole_response_that_closes()
        => Assert.Equal(
            "HTTP/1.1 400 Bad Request\r\n" +
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n" +
            "Connection: close\r\n" +
            "X-Why: because\r\n" +
            "Content-Type: text/plain; charset=utf-8\r\n" +
            "Content-Length: 6\r\n" +
            "\r\n" +
            "no €",
            Refusal(HttpStatusCode.BadRequest, "no €", new ResponseHeaders { { "X-Why", "because" } }));

    [Fact]
    public void Date_is_that_of_Greenwich()
        => Assert.Contains(
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n",
            Refusal(HttpStatusCode.NotFound, "", [], Date.ToOffset(TimeSpan.FromHours(9))),
            StringComparison.Ordinal);

    [Fact]
    public void Refusal_without_body_says_so()
        => Assert.EndsWith("Content-Length: 0\r\n\r\n", Refusal(HttpStatusCode.Forbidden, "", []), StringComparison.Ordinal);

    // RFC 6455 §4.4: the versions that the server speaks; RFC 9110 §15.5.22: the protocol.
    [Fact]
    public void Refusal_with_426_names_protocol_and_version()
    {
        var response = Refusal(HttpStatusCode.UpgradeRequired, "", []);

        Assert.Contains("\r\nUpgrade: websocket\r\n", response, StringComparison.Ordinal);
        Assert.Contains("\r\nSec-WebSocket-Version: 13\r\n", response, StringComparison.Ordinal);
    }

    // RFC 9110 §15.5.6: "The origin server MUST generate an Allow header field".
    [Fact]
    public void Refusal_with_405_names_the_method()
        => Assert.Contains("\r\nAllow: GET\r\n", Refusal(HttpStatusCode.MethodNotAllowed, "", []), StringComparison.Ordinal);

    [Theory]
    [InlineData(400, "Bad Request")]
    [InlineData(401, "Unauthorized")]
    [InlineData(403, "Forbidden")]
    [InlineData(404, "Not Found")]
    [InlineData(405, "Method Not Allowed")]
    [InlineData(408, "Request Timeout")]
    [InlineData(414, "URI Too Long")]
    [InlineData(426, "Upgrade Required")]
    [InlineData(429, "Too Many Requests")]
    [InlineData(431, "Request Header Fields Too Large")]
    [InlineData(500, "Internal Server Error")]
    [InlineData(503, "Service Unavailable")]
    [InlineData(505, "HTTP Version Not Supported")]
    [InlineData(418, "")]
    public void Status_line_has_the_registered_phrase_or_none(int status, string phrase)
        => Assert.StartsWith($"HTTP/1.1 {status} {phrase}\r\nDate: ", Refusal((HttpStatusCode)status, "", []), StringComparison.Ordinal);

    [Fact]
    public void Long_header_makes_the_output_grow()
    {
        var output = new ArrayBufferWriter<byte>(1);
        ResponseHead.WriteSwitchingProtocols(output, "dGhlIHNhbXBsZSBub25jZQ=="u8, "chat", "", new ResponseHeaders { { "A", new string('b', 5000) } });

        Assert.EndsWith($"\r\nA: {new string('b', 5000)}\r\n\r\n", Encoding.Latin1.GetString(output.WrittenSpan), StringComparison.Ordinal);
    }

    private static string SwitchingProtocols(string? subprotocol, ResponseHeaders headers)
    {
        var output = new ArrayBufferWriter<byte>();
        ResponseHead.WriteSwitchingProtocols(output, "dGhlIHNhbXBsZSBub25jZQ=="u8, subprotocol, "", headers);
        return Encoding.Latin1.GetString(output.WrittenSpan);
    }

    private static string Refusal(HttpStatusCode status, string body, ResponseHeaders headers, DateTimeOffset? date = null)
    {
        var output = new ArrayBufferWriter<byte>();
        ResponseHead.WriteRefusal(output, status, body, headers, date ?? Date);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
