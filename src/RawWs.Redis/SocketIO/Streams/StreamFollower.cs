using RawWs.Redis.Client;

namespace RawWs.Redis.SocketIO;

/// <summary>Hands on to an outbox what is in the stream.</summary>
/// <param name="outbox">The outbox.</param>
/// <param name="receive">Takes an entry.</param>
internal sealed class StreamFollower(StreamOutbox outbox, Action<RedisStreamEntry> receive) : IStreamFollower
{
    /// <inheritdoc/>
    public void OnEntry(RedisStreamEntry entry) => receive(entry);

    /// <inheritdoc/>
    public void OnCaughtUp(string last) => outbox.CatchUp(last);

    /// <inheritdoc/>
    public void OnGoneBack(string last) => outbox.GoBack(last);

    /// <inheritdoc/>
    public void OnInterrupted() => outbox.Interrupt();
}
