using RawWs.SocketIO;

namespace RawWs.Redis.SocketIO;

/// <summary>Asks for sockets to be described.</summary>
/// <param name="options">Which.</param>
/// <param name="requestId">The request.</param>
internal sealed class FetchMessage(BroadcastOptions options, string requestId) : ClusterMessage(ClusterMessageType.FetchSockets)
{
    /// <inheritdoc/>
    public override string? RequestId => requestId;

    /// <inheritdoc/>
    public override void WriteData(IBodyWriter writer)
    {
        writer.BeginObject(2);
        ClusterBody.WriteOptions(writer, options);
        ClusterBody.WriteRequestId(writer, requestId);
        writer.EndObject();
    }
}
