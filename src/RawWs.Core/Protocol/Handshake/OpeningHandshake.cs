using System.Net;
using System.Text;

namespace RawWs.Protocol;

/// <summary>
/// What the server requires of a client's opening handshake (RFC 6455 §4.2.1), each rule with the status that answers its breach. The
/// rules of HTTP itself come first, so that a malformed request is never mistaken for a well-formed one that asks for something else.
/// </summary>
internal static class OpeningHandshake
{
    /// <summary>The only version there is (§4.2.1 item 6).</summary>
    public const string Version = "13";

    /// <summary>Checks what every HTTP/1.1 request must obey, whatever it asks for.</summary>
    /// <exception cref="RequestRefusedException">A rule is broken.</exception>
    public static void CheckRequest(RequestHead head)
    {
        // HTTP/1.0 knows no Host; one that is there is judged like any other.
        if (head.IsHttp10 && head.IndexOf("Host"u8) < 0)
            return;

        // RFC 9112 §3.2: "A server MUST respond with a 400 status code to any HTTP/1.1 request message that lacks a Host header field and
        // to any request message that contains more than one Host header field line or a Host header field with an invalid field value."
        var host = head.IndexOf("Host"u8);
        if (host < 0 || head.CountOf("Host"u8) > 1 || !HttpGrammar.IsHost(head.ValueOf(host)))
            throw Refused("a request has one valid Host");

        // §3.2.2: of two hosts the one in the target counts. Whoever reads the other, before us or behind us, reads another request.
        if (!head.IsFor(head.ValueOf(host)))
            throw Refused("the request line and Host name different hosts");
    }

    /// <summary>Whether the client wants to leave HTTP for a WebSocket, rightly or not. RFC 9110 §7.8: HTTP/1.0 has no such wish.</summary>
    public static bool IsAskedFor(RequestHead head) => !head.IsHttp10 && head.ListContains("Upgrade"u8, "websocket"u8);

    /// <summary>Checks that the request is a valid opening handshake.</summary>
    /// <exception cref="RequestRefusedException">A rule is broken.</exception>
    public static void CheckUpgrade(RequestHead head)
    {
        // RFC 6455 §4.2.1 item 1: "An HTTP/1.1 or higher GET request".
        if (head.IsHttp10)
            throw new RequestRefusedException(HttpStatusCode.HttpVersionNotSupported, "a WebSocket handshake is an HTTP/1.1 request");

        if (!head.Method.SequenceEqual("GET"u8))
            throw new RequestRefusedException(HttpStatusCode.MethodNotAllowed, "a WebSocket handshake is a GET request");

        if (AnnouncesBody(head))
            throw Refused("a WebSocket handshake has no body");

        if (!head.ListContains("Upgrade"u8, "websocket"u8))
            throw new RequestRefusedException(HttpStatusCode.UpgradeRequired, "this is a WebSocket endpoint");

        if (!head.ListContains("Connection"u8, "Upgrade"u8))
            throw Refused("the Connection header must name Upgrade");

        CheckVersion(head);

        var key = head.IndexOf("Sec-WebSocket-Key"u8);
        if (key < 0 || head.CountOf("Sec-WebSocket-Key"u8) > 1 || !WebSocketKey.IsValid(head.ValueOf(key)))
            throw Refused("a WebSocket handshake has one Sec-WebSocket-Key of 16 bytes in base64");
    }

    /// <summary>The subprotocols that the client offers, in its order of preference (§4.2.1 item 8).</summary>
    /// <exception cref="RequestRefusedException">The list is empty, or an element is no token or stands there twice.</exception>
    public static IReadOnlyList<string> ReadSubprotocols(RequestHead head)
    {
        var index = head.IndexOf("Sec-WebSocket-Protocol"u8);
        if (index < 0)
            return [];

        var offered = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);

        for (; index >= 0; index = head.IndexOf("Sec-WebSocket-Protocol"u8, index + 1))
        {
            var value = head.ValueOf(index);
            foreach (var range in value.Split((byte)','))
            {
                var element = HttpGrammar.Trim(value[range]);
                if (element.IsEmpty)
                    continue;

                // §4.1 item 10: the elements "MUST all be unique strings" and tokens.
                var subprotocol = Encoding.ASCII.GetString(element);
                if (!HttpGrammar.IsToken(element) || !seen.Add(subprotocol))
                    throw Refused("Sec-WebSocket-Protocol is a list of different tokens");

                offered.Add(subprotocol);
            }
        }

        return offered.Count > 0 ? offered : throw Refused("Sec-WebSocket-Protocol is a list of different tokens");
    }

    // §4.4: a server that does not speak the version answers with those that it does.
    private static void CheckVersion(RequestHead head)
    {
        if (head.CountOf("Sec-WebSocket-Version"u8) > 1)
            throw Refused("a WebSocket handshake has one Sec-WebSocket-Version");

        var version = head.IndexOf("Sec-WebSocket-Version"u8);
        if (version < 0 || !head.ValueOf(version).SequenceEqual("13"u8))
            throw new RequestRefusedException(HttpStatusCode.UpgradeRequired, "this server speaks WebSocket version 13");
    }

    // "Content-Length: 0" announces nothing, and some clients send it with every request.
    private static bool AnnouncesBody(RequestHead head)
    {
        if (head.IndexOf("Transfer-Encoding"u8) >= 0)
            return true;

        var length = head.IndexOf("Content-Length"u8);
        return length >= 0 && (head.CountOf("Content-Length"u8) > 1 || !head.ValueOf(length).SequenceEqual("0"u8));
    }

    private static RequestRefusedException Refused(string reason) => new(HttpStatusCode.BadRequest, reason);
}
