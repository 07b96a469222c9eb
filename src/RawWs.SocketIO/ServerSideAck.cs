namespace RawWs.SocketIO;

/// <summary>Answers another server.</summary>
internal sealed class ServerSideAck(Action<EventValue?> acknowledge, Json.ValueJson json) : IAckSender
{
    /// <inheritdoc/>
    public void SendAck(ulong id, object?[] values) => acknowledge(values.Length == 0 ? null : json.ToValue(values[0]));
}
