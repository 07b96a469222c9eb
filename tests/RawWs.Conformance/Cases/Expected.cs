namespace RawWs.Conformance;

/// <summary>What follows from a clause, in the words that the report repeats.</summary>
internal static class Expected
{
    public const string Echo = "the same bytes come back in a message of the same type.";
    public const string Pong = "a pong with the same application data comes back.";
    public const string Open = "the handshake is completed with 101.";
    public const string Refuse = "the handshake is refused with an HTTP error, and never answered with 101.";
    public const string FailProtocol = "the connection is failed with 1002, and nothing of the frame is processed.";
    public const string FailUtf8 = "the connection is failed with 1007.";
    public const string FailTooBig = "the connection is failed with 1009.";
    public const string CloseReply = "a close frame comes back, then the server closes TCP.";
}
