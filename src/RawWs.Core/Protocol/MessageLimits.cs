namespace RawWs.Protocol;

/// <summary>What a peer may make a <see cref="MessageAssembler"/> collect.</summary>
/// <param name="MaxMessageSize">Bytes in a message that is delivered whole.</param>
/// <param name="MaxStreamedMessageSize">Bytes in a message that is delivered as it comes.</param>
/// <param name="MaxFragmentCount">Frames in a message, empty ones included.</param>
internal sealed record MessageLimits(int MaxMessageSize, long MaxStreamedMessageSize, int MaxFragmentCount)
{
    /// <summary>What the incomplete messages of all peers share; null for no bound.</summary>
    public ReceiveMemory? Memory { get; init; }
}
