using System.Text.Json;
using RawWs.SocketIO;

namespace RawWs.Redis.SocketIO;

/// <summary>A question to clients of other servers.</summary>
internal sealed class PendingBroadcast(SocketIONamespace nsp, IBroadcastAckReceiver acks) : PendingRequest
{
    /// <inheritdoc/>
    public override void Receive(AdapterBody answer)
    {
        switch ((AdapterRequestType?)AdapterBody.NumberOf(AdapterBody.Member(answer.Root, "type"u8)))
        {
            case AdapterRequestType.BroadcastClientCount:
                acks.Asked(AdapterBody.NumberOf(AdapterBody.Member(answer.Root, "clientCount"u8)) ?? throw new JsonException("A count is a number."));
                break;

            case AdapterRequestType.BroadcastAck:
                acks.Answered(answer.AnswerOf(nsp, AdapterBody.Member(answer.Root, "packet"u8)));
                break;

            default:
                throw new JsonException("It is no answer to a question.");
        }
    }
}
