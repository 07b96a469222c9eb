namespace RawWs.Rooms;

/// <summary>The way from this node's broadcasts to the backplane, and from the backplane's to this node. Whatever it does, this node goes on.</summary>
internal sealed class BackplaneLink(RoomSettings settings) : IAsyncDisposable
{
    private const int New = 0, Started = 1, Stopped = 2;
    private static readonly TimeSpan LogInterval = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _stopping = new();
    private readonly bool _isAlone = settings.Backplane is LocalBackplane;
    private int _state = New;
    private long _failedCount;
    private long _loggedAt;

    /// <summary>Begins to receive from other nodes.</summary>
    /// <param name="rooms">The rooms of this node.</param>
    public async Task StartAsync(RoomDirectory rooms)
    {
        if (_isAlone || Interlocked.CompareExchange(ref _state, Started, New) != New)
            return;

        // Not on the thread that starts the server, which it might hold up.
        var cancellationToken = _stopping.Token;
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            await settings.Backplane.StartAsync(new Receiver(this, rooms), cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The server stopped before it had started.
        }
        catch (Exception error)
        {
            // The top of somebody else's code.
            settings.Metrics.BackplaneFailed();
            RoomLog.BackplaneNotStarted(settings.Logger, error);
        }
    }

    public void Publish(BroadcastTarget target, PreparedMessage message, in SendOptions options)
    {
        if (_isAlone || target.IsLocal || Volatile.Read(ref _state) == Stopped)
            return;

        try
        {
            settings.Backplane.Publish(new RoomPublication { Rooms = target.Rooms ?? [], ExceptRooms = target.ExceptRooms, Message = message, Options = options });
        }
        catch (Exception error)
        {
            // The top of somebody else's code: it must not reach whoever broadcasts.
            settings.Metrics.BackplaneFailed();
            LogFailure(error);
        }
    }

    /// <summary>Tells other nodes that somebody has joined a room, or left it.</summary>
    public void PublishPresence(string room, RoomMember member, bool hasJoined)
    {
        if (_isAlone || Volatile.Read(ref _state) == Stopped)
            return;

        try
        {
            settings.Backplane.PublishPresence(room, member, hasJoined);
        }
        catch (Exception error)
        {
            // The top of somebody else's code: it must not reach whoever joins.
            settings.Metrics.BackplaneFailed();
            LogFailure(error);
        }
    }

    /// <summary>Who is in a room on other nodes.</summary>
    public IReadOnlyList<RoomMember> ReadPresence(string room) => _isAlone || Volatile.Read(ref _state) == Stopped ? [] : settings.Backplane.ReadPresence(room);

    /// <summary>Receives and publishes nothing any more.</summary>
    public async ValueTask DisposeAsync()
    {
        Volatile.Write(ref _state, Stopped);
        await StopAsync(() => new ValueTask(_stopping.CancelAsync())).ConfigureAwait(false);
        await StopAsync(settings.Backplane.DisposeAsync).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async ValueTask StopAsync(Func<ValueTask> step)
    {
        try
        {
            await step().ConfigureAwait(false);
        }
        catch (Exception error)
        {
            // The top of somebody else's code: what comes after it is done all the same.
            RoomLog.BackplaneNotStopped(settings.Logger, error);
        }
    }

    private void Receive(Action receive)
    {
        if (Volatile.Read(ref _state) == Stopped)
            return;

        try
        {
            receive();
        }
        catch (Exception error)
        {
            // The top of a loop that is somebody else's: a fault here must not end it.
            settings.Metrics.BackplaneFailed();
            RoomLog.ReceivingFailed(settings.Logger, error);
        }
    }

    private void LogFailure(Exception error)
    {
        var count = Interlocked.Increment(ref _failedCount);
        var loggedAt = Volatile.Read(ref _loggedAt);
        var now = settings.Time.GetTimestamp();
        if (loggedAt != 0 && settings.Time.GetElapsedTime(loggedAt, now) < LogInterval)
            return;

        if (Interlocked.CompareExchange(ref _loggedAt, now, loggedAt) != loggedAt)
            return;

        Interlocked.Add(ref _failedCount, -count);
        RoomLog.PublishingFailed(settings.Logger, count, error);
    }

    private void CountLoss()
    {
        settings.Metrics.BackplaneLost();
        RoomLog.MessagesLost(settings.Logger);
    }

    /// <summary>What the backplane sees of the server.</summary>
    private sealed class Receiver(BackplaneLink link, RoomDirectory rooms) : IRoomReceiver
    {
        /// <inheritdoc/>
        public void Deliver(RoomPublication publication) => link.Receive(() => rooms.Broadcaster.DeliverFromElsewhere(publication));

        /// <inheritdoc/>
        public void ReportLoss() => link.Receive(() =>
        {
            link.CountLoss();
            rooms.OnMessagesLost();
        });

        /// <inheritdoc/>
        public int CountMembers(string? room) => rooms.CountMembers(room);

        /// <inheritdoc/>
        public IReadOnlyList<RoomMember> ReadMembers(string room, int maxCount) => rooms.ReadMembers(room, maxCount);

        /// <inheritdoc/>
        public void DeliverPresence(string room, RoomMember member, bool hasJoined) => link.Receive(() => rooms.DeliverPresence(room, member, hasJoined));
    }
}
