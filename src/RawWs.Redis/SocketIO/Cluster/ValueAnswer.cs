using RawWs.SocketIO;

namespace RawWs.Redis.SocketIO;

/// <summary>What a client, or a server, has answered.</summary>
/// <param name="type">Which of the two.</param>
/// <param name="requestId">The request.</param>
/// <param name="value">The first value of the answer; null if it has none.</param>
internal sealed class ValueAnswer(ClusterMessageType type, string requestId, EventValue? value) : ClusterMessage(type)
{
    /// <inheritdoc/>
    public override bool HasBinary => value is { Attachments.Count: > 0 };

    /// <inheritdoc/>
    public override void WriteData(IBodyWriter writer)
    {
        writer.BeginObject(value is null ? 1 : 2);
        ClusterBody.WriteRequestId(writer, requestId);
        if (value is not null)
        {
            writer.WriteName("packet");
            writer.WriteValue(value);
        }

        writer.EndObject();
    }
}
