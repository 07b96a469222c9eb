using System.Text;
using System.Text.Json;
using RawWs.SocketIO;

namespace RawWs.Redis.SocketIO;

/// <summary>A question to other servers themselves.</summary>
/// <param name="nsp">The namespace.</param>
/// <param name="member">Where the value is in an answer.</param>
/// <param name="acks">Takes it.</param>
internal sealed class PendingServerSideEmit(SocketIONamespace nsp, string member, IBroadcastAckReceiver acks) : PendingRequest
{
    /// <inheritdoc/>
    public override void Receive(AdapterBody body, JsonElement answer)
    {
        var value = body.AnswerOf(nsp, AdapterBody.Member(answer, Encoding.UTF8.GetBytes(member)));
        acks.Asked(1);
        acks.Answered(value);
    }
}
