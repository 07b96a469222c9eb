namespace RawWs.SocketIO.Engine;

/// <summary>What an Engine.IO session carries messages for. One call at a time, in the order of arrival.</summary>
internal interface IEngineClient
{
    /// <summary>The session has begun: what is sent from now on follows its first packet. Called once, before anything is received.</summary>
    void Open();

    /// <summary>Takes a message. Nothing more is read from the peer until the task completes.</summary>
    /// <param name="data">Text, which is valid UTF-8, or bytes. Borrowed for the call.</param>
    /// <param name="isBinary">Which of the two.</param>
    ValueTask ReceiveAsync(ReadOnlyMemory<byte> data, bool isBinary);

    /// <summary>The session has ended. Called once; may come while a message is being taken.</summary>
    void Close(DisconnectReason reason);
}
