namespace RawWs.Redis.SocketIO;

/// <summary>Says how many clients were asked.</summary>
/// <param name="requestId">The request.</param>
/// <param name="count">How many.</param>
internal sealed class CountAnswer(string requestId, int count) : ClusterMessage(ClusterMessageType.BroadcastClientCount)
{
    /// <inheritdoc/>
    public override void WriteData(IBodyWriter writer)
    {
        writer.BeginObject(2);
        ClusterBody.WriteRequestId(writer, requestId);
        writer.WriteName("clientCount");
        writer.WriteNumber(count);
        writer.EndObject();
    }
}
