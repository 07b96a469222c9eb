namespace RawWs.Conformance;

/// <summary>The sentences on the opening handshake and on HTTP that the cases rest on. A quotation stays on one line, so that it can be searched for.</summary>
internal static class RfcHttp
{
    public static readonly Clause ServerHandshake = new(
        "RFC 6455 §4.2.2",
        "If the server chooses to accept the incoming connection, it MUST reply with a valid HTTP response indicating the following. 1. A Status-Line with a 101 response code as per RFC 2616.");

    public static readonly Clause BadHandshake = new(
        "RFC 6455 §4.2.1",
        "If the server, while reading the handshake, finds that the client did not send a handshake that matches the description below …, including but not limited to any violations of the ABNF grammar specified for the components of the handshake, the server MUST stop processing the client's handshake and return an HTTP response with an appropriate error code (such as 400 Bad Request).");

    public static readonly Clause UpgradeHeader = new(
        "RFC 6455 §4.2.1", "An |Upgrade| header field containing the value \"websocket\", treated as an ASCII case-insensitive value.");

    public static readonly Clause ConnectionHeader = new(
        "RFC 6455 §4.2.1", "A |Connection| header field that includes the token \"Upgrade\", treated as an ASCII case-insensitive value.");

    public static readonly Clause EmptyElements = new(
        "RFC 9110 §5.6.1.2", "A recipient MUST parse and ignore a reasonable number of empty list elements: enough to handle common mistakes by senders that merge values, but not so much that they could be used as a denial-of-service mechanism.");

    public static readonly Clause Http10 = new(
        "RFC 9110 §7.8", "A server MUST ignore an Upgrade header field that is received in an HTTP/1.0 request.");

    public static readonly Clause Method = new(
        "RFC 9110 §9.1",
            "The method token is case-sensitive because it might be used as a gateway to object-based systems with case-sensitive method names.");

    public static readonly Clause ObsText = new(
        "RFC 9110 §5.5",
            "Specification for newly defined fields SHOULD limit their values to visible US-ASCII octets … A recipient SHOULD treat other allowed octets in field content (i.e., obs-text) as opaque data.");

    public static readonly Clause HttpVersion = new(
        "RFC 9110 §15.6.6",
            "The 505 (HTTP Version Not Supported) status code indicates that the server does not support, or refuses to support, the major version of HTTP that was used in the request message.");

    public static readonly Clause Key = new(
        "RFC 6455 §4.2.1",
            "A |Sec-WebSocket-Key| header field with a base64-encoded (see Section 4 of [RFC4648]) value that, when decoded, is 16 bytes in length.");

    public static readonly Clause SingleKey = new(
        "RFC 6455 §11.3.1", "The |Sec-WebSocket-Key| header field MUST NOT appear more than once in an HTTP request.");

    public static readonly Clause Version = new(
        "RFC 6455 §4.2.2",
        "If this version does not match a version understood by the server, the server MUST abort the WebSocket handshake described in this section and instead send an appropriate HTTP error code (such as 426 Upgrade Required) and a |Sec-WebSocket-Version| header field indicating the version(s) the server is capable of understanding.");

    public static readonly Clause SingleVersion = new(
        "RFC 6455 §11.3.5", "The |Sec-WebSocket-Version| header field MUST NOT appear more than once in an HTTP request.");

    public static readonly Clause Subprotocol = new(
        "RFC 6455 §4.2.2",
        "The value chosen MUST be derived from the client's handshake, specifically by selecting one of the values from the |Sec-WebSocket-Protocol| field that the server is willing to use for this connection (if any).");

    public static readonly Clause Extensions = new(
        "RFC 6455 §9.1", "Note that like other HTTP header fields, this header field MAY be split or combined across multiple lines.");

    public static readonly Clause ExtensionGrammar = new(
        "RFC 6455 §9.1",
        "If a value is received by either the client or the server during negotiation that does not conform to the ABNF below, the recipient of such malformed data MUST immediately _Fail the WebSocket Connection_.");

    public static readonly Clause UnknownExtension = new(
        "RFC 6455 §9",
            "WebSocket servers MAY accept some or all extensions requested by the client. A server MUST NOT respond with any extension not requested by the client.");

    public static readonly Clause NotAvailable = new(
        "RFC 6455 §4.2.2",
            "If the requested service is not available, the server MUST send an appropriate HTTP error code (such as 404 Not Found) and abort the WebSocket handshake.");

    public static readonly Clause KeyNeedNotBeDecoded = new(
        "RFC 6455 §4.2.2", "It is not necessary for the server to base64-decode the |Sec-WebSocket-Key| value.");

    public static readonly Clause VersionGrammar = new(
        "RFC 6455 §4.3",
            "version = DIGIT | (NZDIGIT DIGIT) | (\"1\" DIGIT DIGIT) | (\"2\" DIGIT DIGIT) ; Limited to 0-255 range, with no leading zeros");

    public static readonly Clause KeyGrammar = new(
        "RFC 6455 §4.3", "base64-value-non-empty = (1*base64-data [ base64-padding ]) | base64-padding");

    public static readonly Clause Host = new(
        "RFC 9112 §3.2",
        "A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1 request message that lacks a Host header field and to any request message that contains more than one Host header field line or a Host header field with an invalid field value.");

    public static readonly Clause AbsoluteForm = new(
        "RFC 9112 §3.2.2",
            "a server MUST accept the absolute-form in requests even though most HTTP/1.1 clients will only send the absolute-form to a proxy");

    public static readonly Clause RequestLine = new(
        "RFC 9112 §3",
            "Recipients of an invalid request-line SHOULD respond with either a 400 (Bad Request) error or a 301 (Moved Permanently) redirect");

    public static readonly Clause LineEnd = new(
        "RFC 9112 §2.2", "a recipient MAY recognize a single LF as a line terminator and ignore any preceding CR.");

    public static readonly Clause BareCr = new(
        "RFC 9112 §2.2",
            "A recipient of such a bare CR MUST consider that element to be invalid or replace each bare CR with SP before processing the element or forwarding the message.");

    public static readonly Clause EmptyLine = new(
        "RFC 9112 §2.2",
            "a server that is expecting to receive and parse a request-line SHOULD ignore at least one empty line (CRLF) received prior to the request-line.");

    public static readonly Clause LeadingWhitespace = new(
        "RFC 9112 §2.2",
        "A recipient that receives whitespace between the start-line and the first header field MUST either reject the message as invalid or consume each whitespace-preceded line without further processing of it");

    public static readonly Clause SpaceBeforeColon = new(
        "RFC 9112 §5.1",
        "A server MUST reject, with a response status code of 400 (Bad Request), any received request message that contains whitespace between a header field name and colon.");

    public static readonly Clause ObsFold = new(
        "RFC 9112 §5.2",
        "A server that receives an obs-fold in a request message … MUST either reject the message by sending a 400 (Bad Request) … or replace each received obs-fold with one or more SP octets");

    public static readonly Clause FieldName = new("RFC 9110 §5.1", "field-name = token");

    public static readonly Clause FieldValue = new(
        "RFC 9110 §5.5",
        "Field values containing CR, LF, or NUL characters are invalid and dangerous …; a recipient of CR, LF, or NUL within a field value MUST either reject the message or replace each of those characters with SP before further processing or forwarding of that message.");

    public static readonly Clause InvalidMessage = new(
        "RFC 9112 §2.2",
        "When a server listening only for HTTP request messages … receives a sequence of octets that does not match the HTTP-message grammar aside from the robustness exceptions listed above, the server SHOULD respond with a 400 (Bad Request) response and close the connection.");

    public static readonly Clause ContentLength = new(
        "RFC 9112 §6.3",
        "If a message is received without Transfer-Encoding and with an invalid Content-Length header field, then the message framing is invalid and the recipient MUST treat it as an unrecoverable error … If this is a request message, the server MUST respond with a 400 (Bad Request) status code and then close the connection.");

    public static readonly Clause BothLengths = new(
        "RFC 9112 §6.1",
        "A server MAY reject a request that contains both Content-Length and Transfer-Encoding or process such a request in accordance with the Transfer-Encoding alone. Regardless, the server MUST close the connection after responding to such a request to avoid the potential attacks.");

    public static readonly Clause TransferEncoding = new(
        "RFC 9112 §6.3",
        "If a Transfer-Encoding header field is present in a request and the chunked transfer coding is not the final encoding, the message body length cannot be determined reliably; the server MUST respond with the 400 (Bad Request) status code and then close the connection.");

    public static readonly Clause Body = new(
        "RFC 9112 §6.3",
            "If a valid Content-Length header field is present without Transfer-Encoding, its decimal value defines the expected message body length in octets.");

    public static readonly Clause Limits = new(
        "RFC 9110 §5.4",
            "A server that receives a request header field line, field value, or set of fields larger than it wishes to process MUST respond with an appropriate 4xx (Client Error) status code.");

    public static readonly Clause LongTarget = new(
        "RFC 9112 §3",
            "A server that receives a request-target longer than any URI it wishes to parse MUST respond with a 414 (URI Too Long) status code");

    public static readonly Clause MustWait = new(
        "RFC 6455 §4.1",
            "Once the client's opening handshake has been sent, the client MUST wait for a response from the server before sending any further data.");
}
