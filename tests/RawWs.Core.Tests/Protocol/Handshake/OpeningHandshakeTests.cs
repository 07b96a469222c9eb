using RawWs.Protocol;

namespace RawWs.Tests.Protocol;

public partial class OpeningHandshakeTests
{
    private const string Host = "Host: server.example.com\r\n";
    private const string Upgrade = "Upgrade: websocket\r\n";
    private const string Connection = "Connection: Upgrade\r\n";
    private const string Key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    private const string Protocol = "Sec-WebSocket-Protocol: chat, superchat\r\n";
    private const string Version = "Sec-WebSocket-Version: 13\r\n";

    [Fact]
    public void Example_of_the_RFC_is_accepted() => Assert.Equal(101, StatusOf(SampleRequest.With(Host, Host)));

    // Each row is a rule of RFC 6455 §4.2.1, or of RFC 9110 and 9112, in the example with one part replaced.
    [Theory]
    [InlineData("GET", "HEAD", 405)]
    [InlineData("GET", "POST", 405)]
    [InlineData("GET", "get", 405)]
    [InlineData("GET", "CONNECT", 405)]
    [InlineData("GET /chat", "GET /", 101)]
    [InlineData("GET /chat", "GET http://server.example.com/chat", 101)]
    [InlineData("GET /chat", "GET http://example.com/chat", 400)]
    [InlineData(Host, "", 400)]
    [InlineData(Host, "Host:\r\n", 400)]
    [InlineData(Host, Host + Host, 400)]
    [InlineData(Host, "Host: a\r\nhost: b\r\n", 400)]
    [InlineData(Host, "Host: a b\r\n", 400)]
    [InlineData(Host, "Host: a/b\r\n", 400)]
    [InlineData(Host, "Host: user@a\r\n", 400)]
    [InlineData(Host, "Host: a:port\r\n", 400)]
    [InlineData(Host, "HOST: [::1]:8080\r\n", 101)]
    [InlineData(Upgrade, "", 426)]
    [InlineData(Upgrade, "Upgrade:\r\n", 426)]
    [InlineData(Upgrade, "Upgrade: h2c\r\n", 426)]
    [InlineData(Upgrade, "Upgrade: websockets\r\n", 426)]
    [InlineData(Upgrade, "Upgrade: web socket\r\n", 426)]
    [InlineData(Upgrade, "upgrade: WebSocket\r\n", 101)]
    [InlineData(Upgrade, "Upgrade: h2c, websocket\r\n", 101)]
    [InlineData(Upgrade, "Upgrade: h2c\r\nUpgrade: websocket\r\n", 101)]
    [InlineData(Connection, "", 400)]
    [InlineData(Connection, "Connection: close\r\n", 400)]
    [InlineData(Connection, "Connection: keep-alive, upgrade\r\n", 101)]
    [InlineData(Connection, "Connection: keep-alive\r\nConnection: UPGRADE\r\n", 101)]
    [InlineData(Key, "", 400)]
    [InlineData(Key, "Sec-WebSocket-Key:\r\n", 400)]
    [InlineData(Key, Key + Key, 400)]
    [InlineData(Key, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ\r\n", 400)]
    [InlineData(Key, "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==, x\r\n", 400)]
    [InlineData(Version, "", 426)]
    [InlineData(Version, "Sec-WebSocket-Version:\r\n", 426)]
    [InlineData(Version, "Sec-WebSocket-Version: 8\r\n", 426)]
    [InlineData(Version, "Sec-WebSocket-Version: 0\r\n", 426)]
    [InlineData(Version, "Sec-WebSocket-Version: 14\r\n", 426)]
    [InlineData(Version, "Sec-WebSocket-Version: 013\r\n", 426)]
    [InlineData(Version, "Sec-WebSocket-Version: 13, 8\r\n", 426)]
    [InlineData(Version, Version + Version, 400)]
    [InlineData(Version, Version + "Sec-WebSocket-Version: 8\r\n", 400)]
    [InlineData(Version, Version + "Content-Length: 0\r\n", 101)]
    [InlineData(Version, Version + "Content-Length: 1\r\n", 400)]
    [InlineData(Version, Version + "Content-Length: +0\r\n", 400)]
    [InlineData(Version, Version + "Content-Length:\r\n", 400)]
    [InlineData(Version, Version + "Content-Length: 0\r\nContent-Length: 5\r\n", 400)]
    [InlineData(Version, Version + "Content-Length: 0, 0\r\n", 400)]
    [InlineData(Version, Version + "Transfer-Encoding: chunked\r\n", 400)]
    [InlineData(Version, Version + "Transfer-Encoding: identity\r\nContent-Length: 0\r\n", 400)]
    [InlineData(Version, Version + "X-Anything: \x80\r\n", 101)]
    public void Rule_is_answered_with_its_status(string part, string replacement, int status)
        => Assert.Equal(status, StatusOf(SampleRequest.With(part, replacement)));

    [Theory]
    [InlineData(Host)]
    [InlineData(Upgrade)]
    [InlineData(Connection)]
    [InlineData(Key)]
    [InlineData(Protocol)]
    [InlineData(Version)]
    public void Any_field_may_be_the_first(string field)
    {
        var head = SampleRequest.Read(field + string.Concat(new[] { Host, Upgrade, Connection, Key, Protocol, Version }.Where(other => other != field)));

        Assert.Equal(101, StatusOf(head));
        Assert.Equal(["chat", "superchat"], OpeningHandshake.ReadSubprotocols(head));
    }

    // A malformed request is never taken for a well-formed one that asks for something else.
    [Fact]
    public void Rules_of_HTTP_come_before_those_of_WebSocket()
    {
        Assert.Equal(405, StatusOf(SampleRequest.With("GET", "POST")));
        Assert.Equal(400, StatusOf(SampleRequest.With("GET /chat HTTP/1.1\r\n" + Host, "POST /chat HTTP/1.1\r\n")));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("Sec-WebSocket-Protocol: chat\r\n", "chat")]
    [InlineData("Sec-WebSocket-Protocol: chat, superchat\r\n", "chat|superchat")]
    [InlineData("Sec-WebSocket-Protocol: superchat,chat\r\n", "superchat|chat")]
    [InlineData("sec-websocket-protocol: ,, chat\t,\t ,superchat ,\r\n", "chat|superchat")]
    [InlineData("Sec-WebSocket-Protocol: b\r\nX: y\r\nSec-WebSocket-Protocol: a, c\r\n", "b|a|c")]
    [InlineData("Sec-WebSocket-Protocol:\r\nSec-WebSocket-Protocol: a\r\n", "a")]
    [InlineData("Sec-WebSocket-Protocol: chat, Chat\r\n", "chat|Chat")]
    [InlineData("Sec-WebSocket-Protocol: v1.json~!#$%&'*+-.^_`|x\r\n", "v1.json~!#$%&'*+-.^_`|x")]
    public void Subprotocols_are_read_in_the_order_of_the_client(string fields, string expected)
        => Assert.Equal(expected, string.Join('|', OpeningHandshake.ReadSubprotocols(SampleRequest.Read(fields))));

    [Theory]
    [InlineData("Sec-WebSocket-Protocol:\r\n")]
    [InlineData("Sec-WebSocket-Protocol: ,\r\n")]
    [InlineData("Sec-WebSocket-Protocol: , \t,\r\n")]
    [InlineData("Sec-WebSocket-Protocol: a b\r\n")]
    [InlineData("Sec-WebSocket-Protocol: a/b\r\n")]
    [InlineData("Sec-WebSocket-Protocol: \"a\"\r\n")]
    [InlineData("Sec-WebSocket-Protocol: a;b\r\n")]
    [InlineData("Sec-WebSocket-Protocol: \xe9\r\n")]
    [InlineData("Sec-WebSocket-Protocol: a, b, a\r\n")]
    [InlineData("Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: a\r\n")]
    public void Subprotocols_that_are_no_list_of_different_tokens_are_refused_with_400(string fields)
        => Assert.Equal(400, StatusOf(() => OpeningHandshake.ReadSubprotocols(SampleRequest.Read(fields))));

    // CVE-2021-32640 of another server trimmed these with a regular expression, in quadratic time.
    [Theory]
    [InlineData(" ")]
    [InlineData(",")]
    [InlineData(" ,")]
    [InlineData("\t ")]
    public void Long_list_of_nothing_allocates_nothing_by_its_length(string separators)
    {
        var padding = string.Concat(Enumerable.Repeat(separators, 64 * 1024 / separators.Length));
        var head = SampleRequest.Read($"Sec-WebSocket-Protocol: a{padding},b{padding}\r\n");
        Assert.Equal(["a", "b"], OpeningHandshake.ReadSubprotocols(head));

        Assert.InRange(Allocation.Of(() => OpeningHandshake.ReadSubprotocols(head)), 0, 1024);
    }

    [Fact]
    public void Many_subprotocols_are_all_read()
    {
        string[] names = [.. Enumerable.Range(0, 10_000).Select(number => $"p{number}")];
        Assert.Equal(names, OpeningHandshake.ReadSubprotocols(SampleRequest.Read($"{Protocol[..24]}{string.Join(',', names)}\r\n")));
    }

    private static int StatusOf(RequestHead head)
        => StatusOf(() =>
        {
            OpeningHandshake.CheckRequest(head);
            OpeningHandshake.CheckUpgrade(head);
        });

    private static int StatusOf(Action check)
    {
        try
        {
            check();
            return 101;
        }
        catch (RequestRefusedException refusal)
        {
            return (int)refusal.Status;
        }
    }
}
