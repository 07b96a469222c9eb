using System.Text.Json;

namespace RawWs.Redis.SocketIO;

/// <summary>A request that other servers answer.</summary>
internal abstract class PendingRequest
{
    /// <summary>Takes an answer.</summary>
    /// <param name="body">What came.</param>
    /// <param name="answer">The part of it that has what is answered.</param>
    /// <exception cref="JsonException">It makes no sense.</exception>
    public abstract void Receive(AdapterBody body, JsonElement answer);

    /// <summary>This server has heard its own question: it hears what others answer, too.</summary>
    public virtual void ReceiveOwn()
    {
        // Not everybody minds.
    }
}
