using System.Text.Json;
using RawWs.SocketIO;

namespace RawWs.Redis.SocketIO;

/// <summary>A question to clients of other servers.</summary>
internal sealed class PendingBroadcast(SocketIONamespace nsp, IBroadcastAckReceiver acks) : PendingRequest
{
    /// <inheritdoc/>
    public override void Receive(AdapterBody body, JsonElement answer)
    {
        // A server says once how many clients it asked, and what each of them has answered: the types have other numbers in each adapter, and the members are the same.
        var count = AdapterBody.Member(answer, "clientCount"u8);
        if (count.ValueKind == JsonValueKind.Undefined)
            acks.Answered(body.AnswerOf(nsp, AdapterBody.Member(answer, "packet"u8)));
        else
            acks.Asked(AdapterBody.NumberOf(count) ?? throw new JsonException("A count is a number."));
    }
}
