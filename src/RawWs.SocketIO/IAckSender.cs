namespace RawWs.SocketIO;

/// <summary>Sends the answer to an event.</summary>
internal interface IAckSender
{
    /// <summary>Sends it. Called at most once for each event.</summary>
    /// <param name="id">What the event named.</param>
    /// <param name="values">The answer.</param>
    void SendAck(ulong id, object?[] values);
}
