using RawWs.SocketIO;

namespace RawWs.Redis.SocketIO;

/// <summary>Tells the server that has asked what clients of this one answer. Of those that go without an answer there is nothing to tell.</summary>
/// <param name="requestId">The request.</param>
/// <param name="send">Sends an answer.</param>
internal sealed class AnswerSender(string requestId, Action<ReadOnlyMemory<byte>> send) : IBroadcastAckReceiver
{
    /// <inheritdoc/>
    public void Asked(int socketCount) => send(RequestBody.ClientCount(requestId, socketCount));

    /// <inheritdoc/>
    public void Answered(EventValue? value) => send(BroadcastBody.WriteAnswer(requestId, value));

    /// <inheritdoc/>
    public void Left()
    {
    }
}
