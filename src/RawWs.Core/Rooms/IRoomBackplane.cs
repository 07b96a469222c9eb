namespace RawWs;

/// <summary>
/// What shares rooms with other nodes. A broadcast is delivered here first, whatever the backplane does, and then handed to it; what other nodes publish it
/// hands to the server, which delivers it here and does not publish it again.
/// </summary>
/// <remarks>Nothing of what it throws reaches whoever broadcasts: it is logged and counted.</remarks>
public interface IRoomBackplane : IAsyncDisposable
{
    /// <summary>Begins to receive. Called once, when the server starts. The server serves whether or not, and whenever, this completes.</summary>
    /// <param name="receiver">To be told what other nodes publish.</param>
    /// <param name="cancellationToken">The server stops.</param>
    ValueTask StartAsync(IRoomReceiver receiver, CancellationToken cancellationToken);

    /// <summary>Hands over a broadcast for the other nodes. Called by many threads at once; must not wait.</summary>
    void Publish(RoomPublication publication);
}
