using RawWs.Connections;

namespace RawWs.Rooms;

/// <summary>Finds out whom a broadcast is for, and hands it to each of them without waiting for any.</summary>
/// <remarks>Thread-safe. Also keeps the set of all connections, who are everybody.</remarks>
internal sealed class Broadcaster(RoomDirectory directory, RoomSettings settings)
{
    private readonly Lock _gate = new();
    private readonly Roster<WebSocketConnection> _everyone = new();

    // Made at most once for each change.
    private WebSocketConnection[]? _snapshot;

    /// <summary>The way to other nodes.</summary>
    public BackplaneLink Backplane { get; } = new(settings);

    /// <summary>Everybody of this moment.</summary>
    public WebSocketConnection[] Everyone
    {
        get
        {
            if (Volatile.Read(ref _snapshot) is { } current)
                return current;

            lock (_gate)
            {
                var everyone = _snapshot ?? _everyone.Members.ToArray();
                Volatile.Write(ref _snapshot, everyone);
                return everyone;
            }
        }
    }

    /// <summary>How many are everybody at this moment.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _everyone.Count;
            }
        }
    }

    /// <summary>A connection has opened.</summary>
    public void Add(WebSocketConnection connection)
    {
        lock (_gate)
        {
            _everyone.Add(connection);
            _snapshot = null;
        }
    }

    /// <summary>A connection has ended.</summary>
    public void Remove(WebSocketConnection connection)
    {
        lock (_gate)
        {
            _everyone.Remove(connection);
            _snapshot = null;
        }
    }

    public BroadcastResult Broadcast(BroadcastTarget target, PreparedMessage message, WebSocketConnection? except, in SendOptions options)
    {
        var delivery = new Delivery(message, except, canWait: false);
        Deliver(target, delivery, options);
        Backplane.Publish(target, message, options);
        return delivery.Result;
    }

    public ValueTask<BroadcastResult> BroadcastAsync(
        BroadcastTarget target, PreparedMessage message, WebSocketConnection? except, in SendOptions options, CancellationToken cancellationToken)
    {
        var delivery = new Delivery(message, except, canWait: true);
        Deliver(target, delivery, options);
        Backplane.Publish(target, message, options);
        return delivery.Congested is null ? new(delivery.Result) : PaceAsync(delivery, cancellationToken);
    }

    /// <summary>Sends the members of a room a notice, which is neither kept nor published.</summary>
    public static void Notify(RoomState room, PreparedMessage notice, WebSocketConnection? except)
        => new Delivery(notice, except, canWait: false).ToAll(room.Members, default, room.Options.EffectivePolicy);

    /// <summary>Delivers here what another node has published.</summary>
    public void DeliverFromElsewhere(RoomPublication publication)
    {
        var target = new BroadcastTarget(directory, publication.Rooms is { Count: > 0 } rooms ? [.. rooms] : null, [.. publication.ExceptRooms]);
        Deliver(target, new Delivery(publication.Message, except: null, canWait: false), publication.Options);
    }

    private void Deliver(BroadcastTarget target, Delivery delivery, in SendOptions options)
    {
        var begun = settings.Metrics.IsTimingBroadcasts ? settings.Time.GetTimestamp() : 0;

        if (target.Rooms is null && target.HasNoExceptions)
            delivery.ToAll(Everyone, options, ofRoom: null);
        else if (target.Rooms is [var name] && target.HasNoExceptions)
            DeliverToRoom(name, delivery, options);
        else
            DeliverToUnion(target, delivery, options);

        settings.Metrics.BroadcastDelivered(delivery.Result.Recipients, begun == 0 ? default : settings.Time.GetElapsedTime(begun));
    }

    private void DeliverToRoom(string name, Delivery delivery, in SendOptions options)
    {
        if (Record(name, delivery.Message, out var members) is { } room)
            delivery.ToAll(members, WithKeyOf(room, delivery.Message, options), room.Options.EffectivePolicy);
    }

    // Each connection once, with the policy of the first of its rooms.
    private void DeliverToUnion(BroadcastTarget target, Delivery delivery, in SendOptions options)
    {
        var done = new HashSet<WebSocketConnection>(target.ExceptConnections);
        foreach (var name in target.ExceptRooms)
            done.UnionWith(directory.Find(name)?.Members ?? []);

        if (target.Rooms is null)
        {
            delivery.ToThoseNotIn(done, Everyone, options, ofRoom: null);
            return;
        }

        foreach (var name in target.Rooms)
        {
            if (Record(name, delivery.Message, out var members) is { } room)
                delivery.ToThoseNotIn(done, members, WithKeyOf(room, delivery.Message, options), room.Options.EffectivePolicy);
        }
    }

    /// <summary>Keeps a message in the history of a room, if it has one.</summary>
    /// <param name="name">The room's.</param>
    /// <param name="message">The message.</param>
    /// <param name="members">Who is to be sent it: those who were members when it was kept.</param>
    /// <returns>The room; null if there is none.</returns>
    private RoomState? Record(string name, PreparedMessage message, out WebSocketConnection[] members)
    {
        while (directory.FindOrCreateToRecord(name, message) is { } room)
        {
            if (room.TryRecord(message, out members))
                return room;

            // It has just been removed: another of its name may have been made.
        }

        members = [];
        return null;
    }

    private SendOptions WithKeyOf(RoomState room, PreparedMessage message, in SendOptions options)
    {
        // A key would say that the message is to be conflated; a room may have keys, and yet another policy.
        if (options.ConflationKey is not null || room.Options.ConflationKey is not { } keyOf || room.Options.EffectivePolicy != SlowConsumerPolicy.Conflate)
            return options;

        try
        {
            return keyOf(message) is { } key ? options with { ConflationKey = $"{room.Name}\0{key}" } : options;
        }
        catch (Exception error)
        {
            // The top of the application's code for keys. The message may be in the history already: it is sent as one that has none.
            directory.OnHandlerFailed(room.Name, nameof(RoomOptions.ConflationKey), error);
            return options;
        }
    }

    /// <summary>Waits for those who lag behind, but not for ever.</summary>
    private async ValueTask<BroadcastResult> PaceAsync(Delivery delivery, CancellationToken cancellationToken)
    {
        var congested = delivery.Congested!; // The caller has seen that there are some.
        var drained = congested.ConvertAll(static member => member.Connection.WaitForDrainAsync());
        await Task.WhenAll(drained).WaitAsync(settings.PacingTimeout, settings.Time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();

        for (var i = 0; i < congested.Count; i++)
        {
            if (congested[i].MustWait)
                await drained[i].WaitAsync(cancellationToken).ConfigureAwait(false);
            else if (!drained[i].IsCompleted)
                congested[i].Connection.WriteOff();
        }

        return delivery.Result;
    }
}
