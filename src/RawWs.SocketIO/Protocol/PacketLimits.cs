namespace RawWs.SocketIO.Protocol;

/// <summary>How much of what a peer may put into one packet.</summary>
/// <param name="MaxAttachmentCount">Attachments.</param>
/// <param name="MaxPacketSize">Bytes in the packet and its attachments together.</param>
/// <param name="MaxJsonDepth">Arrays and objects inside each other.</param>
internal sealed record PacketLimits(int MaxAttachmentCount = 10, int MaxPacketSize = 10_000_000, int MaxJsonDepth = 64)
{
    /// <summary>The values of an event with its name, or of an ack. Each costs several times its bytes when it is taken apart.</summary>
    public const int MaxValueCount = 1_024;

    /// <summary>Characters in the name of a namespace that is joined: it is a key for as long as somebody is there.</summary>
    public const int MaxNamespaceLength = 1_024;
}
