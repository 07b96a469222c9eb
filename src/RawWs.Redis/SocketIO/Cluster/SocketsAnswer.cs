namespace RawWs.Redis.SocketIO;

/// <summary>Describes sockets to the server that has asked.</summary>
/// <param name="requestId">The request.</param>
/// <param name="sockets">The sockets.</param>
internal sealed class SocketsAnswer(string requestId, IReadOnlyList<SocketDescription> sockets) : ClusterMessage(ClusterMessageType.FetchSocketsResponse)
{
    /// <inheritdoc/>
    public override bool HasBinary => sockets.Any(static socket => socket.Data.Attachments.Count > 0);

    /// <inheritdoc/>
    public override void WriteData(IBodyWriter writer)
    {
        writer.BeginObject(2);
        ClusterBody.WriteRequestId(writer, requestId);
        writer.WriteName("sockets");
        writer.BeginList(sockets.Count);
        foreach (var socket in sockets)
        {
            writer.BeginObject(4);
            writer.WriteName("id");
            writer.WriteText(socket.Id);
            writer.WriteName("handshake");
            writer.WriteValue(socket.Handshake);
            ClusterBody.WriteTexts(writer, "rooms", socket.Rooms);
            writer.WriteName("data");
            writer.WriteValue(socket.Data);
            writer.EndObject();
        }

        writer.EndList();
        writer.EndObject();
    }
}
