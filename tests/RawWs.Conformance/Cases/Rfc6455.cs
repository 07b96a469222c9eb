namespace RawWs.Conformance;

/// <summary>The sentences of RFC 6455 that the cases rest on. A quotation stays on one line, so that it can be searched for.</summary>
internal static class Rfc6455
{
    public static readonly Clause Masking = new(
        "RFC 6455 §5.1",
        "The server MUST close the connection upon receiving a frame that is not masked. In this case, a server MAY send a Close frame with a status code of 1002 (protocol error)");

    public static readonly Clause MaskAlgorithm = new(
        "RFC 6455 §5.3",
        "Octet i of the transformed data (\"transformed-octet-i\") is the XOR of octet i of the original data with octet at index i modulo 4 of the masking key");

    public static readonly Clause Rsv = new(
        "RFC 6455 §5.2",
        "If a nonzero value is received and none of the negotiated extensions defines the meaning of such a nonzero value, the receiving endpoint MUST _Fail the WebSocket Connection_.");

    public static readonly Clause UnknownOpcode = new(
        "RFC 6455 §5.2", "If an unknown opcode is received, the receiving endpoint MUST _Fail the WebSocket Connection_.");

    public static readonly Clause PayloadLength = new(
        "RFC 6455 §5.2",
        "The length of the \"Payload data\", in bytes: if 0-125, that is the payload length. If 126, the following 2 bytes … If 127, the following 8 bytes …");

    public static readonly Clause MinimalLength = new(
        "RFC 6455 §5.2", "in all cases, the minimal number of bytes MUST be used to encode the length");

    public static readonly Clause MostSignificantBit = new(
        "RFC 6455 §5.2", "a 64-bit unsigned integer (the most significant bit MUST be 0)");

    public static readonly Clause Segmentation = new(
        "RFC 6455 §6.2",
        "To receive WebSocket data, an endpoint listens on the underlying network connection. Incoming data MUST be parsed as WebSocket frames as defined in Section 5.2.");

    public static readonly Clause Fragmentation = new(
        "RFC 6455 §5.4", "Clients and servers MUST support receiving both fragmented and unfragmented messages.");

    public static readonly Clause FragmentSequence = new(
        "RFC 6455 §5.4",
        "A fragmented message consists of a single frame with the FIN bit clear and an opcode other than 0, followed by zero or more frames with the FIN bit clear and the opcode set to 0, and terminated by a single frame with the FIN bit set and an opcode of 0.");

    public static readonly Clause NoInterleaving = new(
        "RFC 6455 §5.4", "The fragments of one message MUST NOT be interleaved between the fragments of another message");

    public static readonly Clause ControlAmongFragments = new(
        "RFC 6455 §5.4", "An endpoint MUST be capable of handling control frames in the middle of a fragmented message.");

    public static readonly Clause ControlFrames = new(
        "RFC 6455 §5.5", "All control frames MUST have a payload length of 125 bytes or less and MUST NOT be fragmented.");

    public static readonly Clause CloseReply = new(
        "RFC 6455 §5.5.1",
        "If an endpoint receives a Close frame and did not previously send a Close frame, the endpoint MUST send a Close frame in response. (When sending a Close frame in response, the endpoint typically echos the status code it received.)");

    public static readonly Clause CloseBody = new(
        "RFC 6455 §5.5.1",
            "If there is a body, the first two bytes of the body MUST be a 2-byte unsigned integer (in network byte order) representing a status code");

    public static readonly Clause CloseTcp = new(
        "RFC 6455 §5.5.1",
            "The server MUST close the underlying TCP connection immediately; the client SHOULD wait for the server to close the connection");

    public static readonly Clause NothingAfterClose = new(
        "RFC 6455 §1.4",
            "After sending a control frame indicating the connection should be closed, a peer does not send any further data; after receiving a control frame indicating the connection should be closed, a peer discards any further data received.");

    public static readonly Clause Ping = new(
        "RFC 6455 §5.5.2",
            "Upon receipt of a Ping frame, an endpoint MUST send a Pong frame in response, unless it already received a Close frame.");

    public static readonly Clause Pong = new(
        "RFC 6455 §5.5.3",
            "A Pong frame sent in response to a Ping frame must have identical \"Application data\" as found in the message body of the Ping frame being replied to.");

    public static readonly Clause ManyPings = new(
        "RFC 6455 §5.5.3",
        "If an endpoint receives a Ping frame and has not yet sent Pong frame(s) in response to previous Ping frame(s), the endpoint MAY elect to send a Pong frame for only the most recently processed Ping frame.");

    public static readonly Clause UnsolicitedPong = new(
        "RFC 6455 §5.5.3", "A Pong frame MAY be sent unsolicited. … A response to an unsolicited Pong frame is not expected.");

    public static readonly Clause TextIsUtf8 = new(
        "RFC 6455 §5.6",
            "a particular text frame might include a partial UTF-8 sequence; however, the whole message MUST contain valid UTF-8");

    public static readonly Clause InvalidUtf8 = new(
        "RFC 6455 §8.1",
        "When an endpoint is to interpret a byte stream as UTF-8 but finds that the byte stream is not, in fact, a valid UTF-8 stream, that endpoint MUST _Fail the WebSocket Connection_.");

    public static readonly Clause BinaryIsOpaque = new(
        "RFC 6455 §5.6", "The \"Payload data\" is arbitrary binary data whose interpretation is solely up to the application layer.");

    public static readonly Clause Fail = new(
        "RFC 6455 §7.1.7",
        "If _The WebSocket Connection is Established_ prior to the point where the endpoint is required to _Fail the WebSocket Connection_, the endpoint SHOULD send a Close frame with an appropriate status code (Section 7.4) before proceeding to _Close the WebSocket Connection_.");

    public static readonly Clause ReservedCodes = new(
        "RFC 6455 §7.4.1", "… is a reserved value and MUST NOT be set as a status code in a Close control frame by an endpoint.");

    public static readonly Clause Code1004 = new("RFC 6455 §7.4.1", "1004 Reserved. The specific meaning might be defined in the future.");

    public static readonly Clause CodeRanges = new(
        "RFC 6455 §7.4.2",
        "Status codes in the range 0-999 are not used. … 1000-2999 are reserved for definition by this protocol … 3000-3999 are reserved for use by libraries, frameworks, and applications … 4000-4999 are reserved for private use");

    public static readonly Clause TooBig = new(
        "RFC 6455 §7.4.1",
            "1009 indicates that an endpoint is terminating the connection because it has received a message that is too big for it to process.");

    public static readonly Clause SizeLimits = new(
        "RFC 6455 §10.4",
        "Implementations that have implementation- and/or platform-specific limitations regarding the frame size or total message size after reassembly from multiple frames MUST protect themselves against exceeding those limits.");

    public static readonly Clause CloseWheneverDesired = new("RFC 6455 §7.3",
        "Servers MAY close the WebSocket connection whenever desired.");

    public static readonly Clause InvalidData = new(
        "RFC 6455 §10.7",
        "Incoming data MUST always be validated by both clients and servers. If, at any time, an endpoint is faced with data that it does not understand … the endpoint MAY drop the TCP connection.");
}
