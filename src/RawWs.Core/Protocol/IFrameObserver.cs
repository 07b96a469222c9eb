namespace RawWs.Protocol;

/// <summary>Is told of every frame that arrives.</summary>
internal interface IFrameObserver
{
    /// <summary>The header of a frame has arrived, and is legal.</summary>
    void FrameReceived(Opcode opcode, long payloadLength);
}
