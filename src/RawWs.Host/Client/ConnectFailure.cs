using System.Net.Sockets;
using System.Net.WebSockets;
using System.Security.Authentication;

namespace RawWs.Host;

/// <summary>Says in one sentence why a client could not connect, and what may help.</summary>
internal static class ConnectFailure
{
    /// <param name="error">What connecting has thrown.</param>
    /// <param name="url">Where to.</param>
    /// <param name="complaint">What was wrong with the certificate, null if nothing was.</param>
    public static ClientFailureException Of(WebSocketException error, Uri url, string? complaint)
    {
        var server = $"{url.Host}:{url.Port}";
        return CausesOf(error).Select(cause => Of(cause, url, server, complaint)).FirstOrDefault(failure => failure is not null)
            ?? new ClientFailureException($"{server} did not answer as a WebSocket server does: {PrintableText.Of(CausesOf(error).Last().Message)}");
    }

    private static ClientFailureException? Of(Exception cause, Uri url, string server, string? complaint) => cause switch
    {
        ClientFailureException failure => failure,
        AuthenticationException when complaint is not null => new(
            $"The certificate of {server} is not trusted: {complaint}. --ca FILE names whom to trust, such as the file of a self-signed one; --insecure takes any.", isFinal: true),
        AuthenticationException tls => new($"{server} does not speak TLS as wss:// needs it: {PrintableText.Of(tls.Message)} For a server without TLS write ws://."),
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => new($"There is no host named '{url.Host}', or nobody here knows its address; check the name."),
        HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } => new(
            $"{server} ended the connection instead of answering.{(url.Scheme == "ws" ? " If it speaks TLS, write wss://." : "")}"),
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError, InnerException: IOException } => new($"{server} does not speak TLS as wss:// needs it. For a server without TLS write ws://."),
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => new($"Nobody listens at {server} (connection refused); is the server running, and is that its port?"),
        SocketException other => new($"{server} can't be reached: {other.Message}"),
        _ => null,
    };

    private static IEnumerable<Exception> CausesOf(Exception error)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
            yield return cause;
    }
}
