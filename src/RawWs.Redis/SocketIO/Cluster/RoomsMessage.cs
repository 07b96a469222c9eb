using RawWs.SocketIO;

namespace RawWs.Redis.SocketIO;

/// <summary>Has sockets join or leave rooms.</summary>
/// <param name="type">Which of the two.</param>
/// <param name="options">Which sockets.</param>
/// <param name="rooms">The rooms.</param>
internal sealed class RoomsMessage(ClusterMessageType type, BroadcastOptions options, IReadOnlyCollection<string> rooms) : ClusterMessage(type)
{
    /// <inheritdoc/>
    public override void WriteData(IBodyWriter writer)
    {
        writer.BeginObject(2);
        ClusterBody.WriteOptions(writer, options);
        ClusterBody.WriteTexts(writer, "rooms", rooms);
        writer.EndObject();
    }
}
