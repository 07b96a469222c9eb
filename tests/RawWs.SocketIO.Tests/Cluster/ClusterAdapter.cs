namespace RawWs.SocketIO.Tests.Cluster;

/// <summary>
/// An adapter that reaches other servers, made of nothing but what another assembly could use. Everything that crosses is text and bytes, as over a network: nothing of one
/// server is handed to another.
/// </summary>
internal sealed class ClusterAdapter(SocketIONamespace nsp, TestCluster cluster) : SocketIOAdapter(nsp)
{
    /// <summary>A server that is counted, and says nothing: as one that hangs.</summary>
    public bool IsDeaf { get; set; }

    public override Task InitializeAsync()
    {
        cluster.Join(this);
        return Task.CompletedTask;
    }

    public override Task CloseAsync()
    {
        cluster.Leave(this);
        return Task.CompletedTask;
    }

    public override ValueTask<int> CountServersAsync(CancellationToken cancellationToken = default) => new(cluster.Count(Namespace.Name));

    public override Task BroadcastAsync(SocketIOPacket packet, BroadcastOptions options)
    {
        Deliver(packet, options);
        foreach (var other in OthersFor(options))
            other.Deliver(other.Rebuild(WireEvent.Of(packet)), options);

        return Task.CompletedTask;
    }

    public override Task BroadcastWithAckAsync(SocketIOPacket packet, BroadcastOptions options, IBroadcastAckReceiver acks, CancellationToken cancellationToken)
    {
        Ask(packet, options, acks, cancellationToken);
        foreach (var other in OthersFor(options))
            other.Ask(other.Rebuild(WireEvent.Of(packet)), options, new AckWire(this, acks), cancellationToken);

        return Task.CompletedTask;
    }

    public override async Task<FetchedSockets> FetchSocketsAsync(BroadcastOptions options, CancellationToken cancellationToken = default)
    {
        var sockets = new List<RemoteSocket>(await base.FetchSocketsAsync(options, cancellationToken));
        foreach (var other in OthersFor(options))
        {
            foreach (var socket in await other.FetchLocalAsync(options, cancellationToken))
                sockets.Add(new RemoteSocket(Namespace, socket.Id, Take(socket.Handshake), socket.Rooms, Take(socket.Data)));
        }

        return new FetchedSockets(sockets);
    }

    public override async Task JoinSocketsAsync(BroadcastOptions options, IReadOnlyCollection<string> rooms)
    {
        await base.JoinSocketsAsync(options, rooms);
        foreach (var other in OthersFor(options))
            await other.JoinLocalAsync(options, rooms);
    }

    public override async Task LeaveSocketsAsync(BroadcastOptions options, IReadOnlyCollection<string> rooms)
    {
        await base.LeaveSocketsAsync(options, rooms);
        foreach (var other in OthersFor(options))
            await other.LeaveLocalAsync(options, rooms);
    }

    public override async Task DisconnectSocketsAsync(BroadcastOptions options, bool close)
    {
        await base.DisconnectSocketsAsync(options, close);
        foreach (var other in OthersFor(options))
            await other.DisconnectLocalAsync(options, close);
    }

    public override async Task ServerSideEmitAsync(SocketIOPacket packet)
    {
        foreach (var other in cluster.Others(this).Where(other => !other.IsDeaf))
            await other.HearAsync(WireEvent.Of(packet), null);
    }

    public override async Task<int> ServerSideEmitWithAckAsync(SocketIOPacket packet, IBroadcastAckReceiver acks, CancellationToken cancellationToken)
    {
        var others = cluster.Others(this);
        foreach (var other in others.Where(other => !other.IsDeaf))
        {
            acks.Asked(1);
            await other.HearAsync(WireEvent.Of(packet), answer => acks.Answered(answer is null ? null : Take(WireValue.Of(answer))));
        }

        return others.Count;
    }

    private IEnumerable<ClusterAdapter> OthersFor(BroadcastOptions options) => options.IsLocal ? [] : cluster.Others(this).Where(other => !other.IsDeaf);

    private SocketIOPacket Rebuild(WireEvent wire) => Namespace.CreatePacket(wire.Name, [.. wire.Values.Select(Take)]);

    private EventValue Take(WireValue wire) => Namespace.CreateValue(wire.Json, wire.Attachments);

    private Task HearAsync(WireEvent wire, Action<EventValue?>? acknowledge) => ReceiveServerSideAsync(wire.Name, [.. wire.Values.Select(Take)], acknowledge);

    private Task JoinLocalAsync(BroadcastOptions options, IReadOnlyCollection<string> rooms) => base.JoinSocketsAsync(options, rooms);

    private Task LeaveLocalAsync(BroadcastOptions options, IReadOnlyCollection<string> rooms) => base.LeaveSocketsAsync(options, rooms);

    private Task DisconnectLocalAsync(BroadcastOptions options, bool close) => base.DisconnectSocketsAsync(options, close);

    private async Task<IReadOnlyList<(string Id, WireValue Handshake, IReadOnlyList<string> Rooms, WireValue Data)>> FetchLocalAsync(
        BroadcastOptions options, CancellationToken cancellationToken)
        => [.. (await base.FetchSocketsAsync(options, cancellationToken)).Select(socket => (socket.Id, WireValue.Of(socket.HandshakeValue), socket.Rooms, WireValue.Of(socket.DataValue)))];

    private sealed record WireEvent(string Name, IReadOnlyList<WireValue> Values)
    {
        public static WireEvent Of(SocketIOPacket packet) => new(packet.EventName, [.. packet.Values.Select(WireValue.Of)]);
    }

    private sealed record WireValue(byte[] Json, IReadOnlyList<ReadOnlyMemory<byte>> Attachments)
    {
        public static WireValue Of(EventValue value) => new(value.Utf8Json.ToArray(), [.. value.Attachments.Select(bytes => (ReadOnlyMemory<byte>)bytes.ToArray())]);
    }

    /// <summary>Carries answers back to the server that asked.</summary>
    private sealed class AckWire(ClusterAdapter asker, IBroadcastAckReceiver acks) : IBroadcastAckReceiver
    {
        public void Asked(int socketCount) => acks.Asked(socketCount);

        public void Answered(EventValue? value) => acks.Answered(value is null ? null : asker.Take(WireValue.Of(value)));

        public void Left() => acks.Left();
    }
}
