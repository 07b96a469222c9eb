using RawWs.SocketIO;
using RawWs.SocketIO.Protocol;

namespace RawWs.Redis.SocketIO;

/// <summary>An event for clients.</summary>
/// <param name="packet">The event.</param>
/// <param name="options">For which.</param>
/// <param name="requestId">If they are to answer.</param>
internal sealed class BroadcastMessage(SocketIOPacket packet, BroadcastOptions options, string? requestId = null) : ClusterMessage(ClusterMessageType.Broadcast)
{
    /// <summary>For which clients.</summary>
    public BroadcastOptions Options => options;

    /// <inheritdoc/>
    public override bool HasBinary => AreBinary(packet.Values);

    /// <inheritdoc/>
    public override string? RequestId => requestId;

    /// <inheritdoc/>
    public override void WriteData(IBodyWriter writer)
    {
        writer.BeginObject(requestId is null ? 2 : 3);
        writer.WriteName("packet");
        writer.BeginObject(2);
        writer.WriteName("type");
        writer.WriteNumber((int)PacketType.Event);
        ClusterBody.WriteEvent(writer, "data", packet.EventName, packet.Values);
        writer.EndObject();
        if (requestId is not null)
            ClusterBody.WriteRequestId(writer, requestId);

        ClusterBody.WriteOptions(writer, options);
        writer.EndObject();
    }
}
