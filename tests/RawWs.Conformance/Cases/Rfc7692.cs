namespace RawWs.Conformance;

/// <summary>The sentences of RFC 7692 that the cases rest on. A quotation stays on one line, so that it can be searched for.</summary>
internal static class Rfc7692
{
    public static readonly Clause Decline = new(
        "RFC 7692 §7",
        "A server MUST decline an extension negotiation offer for this extension if any of the following conditions are met: The negotiation offer contains an extension parameter not defined for use in an offer. The negotiation offer contains an extension parameter with an invalid value. The negotiation offer contains multiple extension parameters with the same name. The server doesn't support the offered configuration.");

    public static readonly Clause Preference = new(
        "RFC 7692 §5",
        "The order of elements is important as it specifies the client's preference. An element preceding another element has higher preference. It is recommended that a server accepts PMCEs with higher preference if the server supports them.");

    public static readonly Clause Windows = new(
        "RFC 7692 §7.1.2.1",
        "This parameter has a decimal integer value without leading zeroes between 8 to 15, inclusive, indicating the base-2 logarithm of the LZ77 sliding window size");

    public static readonly Clause Compression = new(
        "RFC 7692 §7.2.2",
        "Append 4 octets of 0x00 0x00 0xff 0xff to the tail end of the payload of the message. Decompress the resulting data using DEFLATE.");

    public static readonly Clause Blocks = new(
        "RFC 7692 §7.2.1",
            "An endpoint MAY use multiple DEFLATE blocks to compress one message. An endpoint MAY use DEFLATE blocks of any type.");

    public static readonly Clause FinalBlock = new(
        "RFC 7692 §7.2.1",
        "An endpoint MAY use both DEFLATE blocks with the \"BFINAL\" bit set to 0 and DEFLATE blocks with the \"BFINAL\" bit set to 1. When any DEFLATE block with the \"BFINAL\" bit set to 1 doesn't end at a byte boundary, an endpoint MUST add minimal padding bits of 0 to make it end at a byte boundary. The next DEFLATE block follows the padded data if any.");

    public static readonly Clause Empty = new(
        "RFC 7692 §7.2.3.6",
            "The single octet 0x00 contains the header bits with \"BFINAL\" set to 0 and \"BTYPE\" set to 00, and 5 padding bits of 0.");

    public static readonly Clause Takeover = new(
        "RFC 7692 §7.2.2",
        "If the \"agreed parameters\" contain the \"client_no_context_takeover\" extension parameter, the server MAY decompress each new message with an empty LZ77 sliding window. Otherwise, the server MUST decompress each new message using the LZ77 sliding window used to process the last compressed message.");

    public static readonly Clause Bit = new(
        "RFC 7692 §6",
        "An endpoint MUST NOT set the \"Per-Message Compressed\" bit of control frames and non-first fragments of a data message. An endpoint receiving such a frame MUST _Fail the WebSocket Connection_.");

    public static readonly Clause Mixed = new(
        "RFC 7692 §6",
            "A message with the bit unset is called an \"uncompressed message\". Frames of an uncompressed message have uncompressed original data as is in the payload data portion.");

    public static readonly Clause Invalid = new(
        "RFC 1951 §3.2",
            "BTYPE … 11 - reserved (error) … Literal/length values 286-287 will never actually occur in the compressed data … distance codes 30-31 will never actually occur in the compressed data");
}
