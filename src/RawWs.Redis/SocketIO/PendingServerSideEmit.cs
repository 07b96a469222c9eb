using RawWs.SocketIO;

namespace RawWs.Redis.SocketIO;

/// <summary>A question to other servers themselves.</summary>
internal sealed class PendingServerSideEmit(SocketIONamespace nsp, IBroadcastAckReceiver acks) : PendingRequest
{
    /// <inheritdoc/>
    public override void Receive(AdapterBody answer)
    {
        var value = answer.AnswerOf(nsp, AdapterBody.Member(answer.Root, "data"u8));
        acks.Asked(1);
        acks.Answered(value);
    }
}
