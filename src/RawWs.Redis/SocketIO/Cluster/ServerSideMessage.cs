using RawWs.SocketIO;

namespace RawWs.Redis.SocketIO;

/// <summary>An event for the other servers themselves.</summary>
/// <param name="packet">The event.</param>
/// <param name="requestId">If they are to answer.</param>
internal sealed class ServerSideMessage(SocketIOPacket packet, string? requestId = null) : ClusterMessage(ClusterMessageType.ServerSideEmit)
{
    /// <inheritdoc/>
    public override bool HasBinary => AreBinary(packet.Values);

    /// <inheritdoc/>
    public override string? RequestId => requestId;

    /// <inheritdoc/>
    public override void WriteData(IBodyWriter writer)
    {
        writer.BeginObject(requestId is null ? 1 : 2);
        if (requestId is not null)
            ClusterBody.WriteRequestId(writer, requestId);

        ClusterBody.WriteEvent(writer, "packet", packet.EventName, packet.Values);
        writer.EndObject();
    }
}
