namespace RawWs.SocketIO;

/// <summary>Hands what is sent to a kind of namespaces to each of them.</summary>
internal sealed class ParentAdapter(SocketIONamespace nsp, ParentNamespace parent) : SocketIOAdapter(nsp)
{
    /// <inheritdoc/>
    public override IReadOnlyList<SocketIOSocket> FindLocalSockets(BroadcastOptions options) => [.. parent.Children.SelectMany(child => child.Adapter.FindLocalSockets(options))];

    /// <inheritdoc/>
    public override Task BroadcastAsync(SocketIOPacket packet, BroadcastOptions options)
        => Task.WhenAll(parent.Children.Select(child => child.Adapter.BroadcastAsync(packet.In(child), options)));

    /// <inheritdoc/>
    public override Task JoinSocketsAsync(BroadcastOptions options, IReadOnlyCollection<string> rooms)
        => Task.WhenAll(parent.Children.Select(child => child.Adapter.JoinSocketsAsync(options, rooms)));

    /// <inheritdoc/>
    public override Task LeaveSocketsAsync(BroadcastOptions options, IReadOnlyCollection<string> rooms)
        => Task.WhenAll(parent.Children.Select(child => child.Adapter.LeaveSocketsAsync(options, rooms)));

    /// <inheritdoc/>
    public override Task DisconnectSocketsAsync(BroadcastOptions options, bool close)
        => Task.WhenAll(parent.Children.Select(child => child.Adapter.DisconnectSocketsAsync(options, close)));

    /// <inheritdoc/>
    public override Task BroadcastWithAckAsync(SocketIOPacket packet, BroadcastOptions options, IBroadcastAckReceiver acks, CancellationToken cancellationToken)
        => throw NotSupported();

    /// <inheritdoc/>
    public override Task<FetchedSockets> FetchSocketsAsync(BroadcastOptions options, CancellationToken cancellationToken = default) => throw NotSupported();

    private static NotSupportedException NotSupported() => new("Namespaces of a kind are asked one by one: see ParentNamespace.Children.");
}
