namespace RawWs.Redis.SocketIO;

/// <summary>A request that other servers answer.</summary>
internal abstract class PendingRequest
{
    /// <summary>Takes an answer.</summary>
    /// <exception cref="System.Text.Json.JsonException">It makes no sense.</exception>
    public abstract void Receive(AdapterBody answer);
}
