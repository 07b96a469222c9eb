using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;

namespace RawWs.Host.Tests;

public class ConnectFailureTests
{
    [Theory]
    [InlineData("ws://chat.example/", "chat.example:80 ended the connection instead of answering. If it speaks TLS, write wss://.")]
    [InlineData("wss://chat.example/", "chat.example:443 ended the connection instead of answering.")]
    public void Who_ends_the_connection_may_speak_TLS_where_it_was_not_asked_for(string url, string expected)
        => Assert.Equal(expected, FailureOf(new HttpRequestException(HttpRequestError.ResponseEnded, "no"), url).Message);

    [Fact]
    public void Who_does_not_speak_TLS_is_told_apart_from_who_is_not_trusted()
    {
        var plain = FailureOf(new HttpRequestException(HttpRequestError.SecureConnectionError, "no", new IOException("no")), "wss://chat.example/");
        var other = FailureOf(new AuthenticationException("No cipher in common\a."), "wss://chat.example/");
        var untrusted = FailureOf(new HttpRequestException(HttpRequestError.SecureConnectionError, "no", new AuthenticationException("no")), "wss://chat.example/", "it has expired, or is not valid yet");

        Assert.Equal(("chat.example:443 does not speak TLS as wss:// needs it. For a server without TLS write ws://.", false), (plain.Message, plain.IsFinal));
        Assert.Equal((@"chat.example:443 does not speak TLS as wss:// needs it: No cipher in common\u0007. For a server without TLS write ws://.", false), (other.Message, other.IsFinal));
        Assert.Equal(
            ("The certificate of chat.example:443 is not trusted: it has expired, or is not valid yet. --ca FILE names whom to trust, such as the file of a self-signed one; --insecure takes any.", true),
            (untrusted.Message, untrusted.IsFinal));
    }

    [Fact]
    public void What_the_system_says_of_the_way_there_is_told()
    {
        var error = new SocketException((int)SocketError.NetworkUnreachable);

        var failure = FailureOf(new HttpRequestException(HttpRequestError.ConnectionError, "no", error), "ws://chat.example:3000/");

        Assert.Equal(($"chat.example:3000 can't be reached: {error.Message}", false), (failure.Message, failure.IsFinal));
    }

    [Fact]
    public void A_refusal_is_told_as_it_is()
    {
        var refusal = new ClientFailureException("The server refused the WebSocket with 403 Forbidden.", isFinal: true);

        Assert.Same(refusal, FailureOf(refusal, "ws://chat.example/"));
    }

    [Fact]
    public void What_nobody_has_thought_of_is_told_in_the_words_of_its_cause()
        => Assert.Equal(@"chat.example:80 did not answer as a WebSocket server does: no\u0007", FailureOf(new InvalidOperationException("no\a"), "ws://chat.example/").Message);

    private static ClientFailureException FailureOf(Exception cause, string url, string? complaint = null) => ConnectFailure.Of(new WebSocketException("no", cause), new Uri(url), complaint);
}
