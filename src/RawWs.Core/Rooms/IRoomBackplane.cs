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

    /// <summary>
    /// Hands over that somebody has joined a room here, or left it; only of rooms that <see cref="RoomOptions.SharesPresence"/>. For each room called for one change after the other, in their order; must not
    /// wait. A backplane that shares no presence does nothing.
    /// </summary>
    /// <param name="room">The name of the room.</param>
    /// <param name="member">Who.</param>
    /// <param name="hasJoined">Whether it has joined, or is a member about whom something else is said now; otherwise it has left.</param>
    void PublishPresence(string room, RoomMember member, bool hasJoined)
    {
        // Not every backplane shares it.
    }

    /// <summary>
    /// Who is in a room on other nodes at this moment, as far as this one knows: exactly those that <see cref="IRoomReceiver.DeliverPresence"/> was told have joined, or is about to be. Called by many threads
    /// at once; must not wait or throw.
    /// </summary>
    /// <param name="room">The name of the room.</param>
    IReadOnlyList<RoomMember> ReadPresence(string room) => [];
}
