namespace RawWs.Protocol;

/// <summary>Is told of every frame and of every message that arrives.</summary>
internal interface IReceiveObserver
{
    /// <summary>The header of a frame has arrived, and is legal. If it belongs to a message, that is not whole yet.</summary>
    void FrameReceived(Opcode opcode, long payloadLength);

    /// <summary>A message is whole, each of whose frames has been told of.</summary>
    void MessageReceived(MessageType type);

    /// <summary>A message has arrived whole, in one frame: nobody has been told of either.</summary>
    void WholeMessageReceived(MessageType type, int payloadLength);
}
