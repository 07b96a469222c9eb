using RawWs.SocketIO;

namespace RawWs.Redis.SocketIO;

/// <summary>Has sockets disconnected.</summary>
/// <param name="options">Which.</param>
/// <param name="close">Whether their connections end too.</param>
internal sealed class DisconnectMessage(BroadcastOptions options, bool close) : ClusterMessage(ClusterMessageType.DisconnectSockets)
{
    /// <inheritdoc/>
    public override void WriteData(IBodyWriter writer)
    {
        writer.BeginObject(2);
        ClusterBody.WriteOptions(writer, options);
        writer.WriteName("close");
        writer.WriteBoolean(close);
        writer.EndObject();
    }
}
