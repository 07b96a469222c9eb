namespace RawWs.Rooms;

/// <summary>There are no other nodes.</summary>
internal sealed class LocalBackplane : IRoomBackplane
{
    /// <inheritdoc/>
    public ValueTask StartAsync(IRoomReceiver receiver, CancellationToken cancellationToken) => default;

    /// <inheritdoc/>
    public void Publish(RoomPublication publication)
    {
        // Nobody else is to hear of it.
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => default;
}
