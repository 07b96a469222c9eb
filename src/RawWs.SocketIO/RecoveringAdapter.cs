using System.Globalization;

namespace RawWs.SocketIO;

/// <summary>Keeps in memory what has been sent in a namespace, and who has lost its connection, so that a client that comes back misses nothing.</summary>
internal sealed class RecoveringAdapter(SocketIONamespace nsp, ConnectionStateRecoveryOptions recovery) : SocketIOAdapter(nsp)
{
    // Held while an event is kept and sent, so that clients see offsets in their order, and whoever comes back sees each event once. Sending never waits.
    private readonly Lock _gate = new();
    private readonly Queue<KeptEvent> _events = new();
    private readonly Dictionary<string, KeptSession> _sessions = new(StringComparer.Ordinal);
    private readonly Queue<KeptSession> _bySessionAge = new();
    private ulong _lastOffset;
    private long _size;

    /// <inheritdoc/>
    public override string? LastOffset
    {
        get
        {
            lock (_gate)
            {
                return ToText(_lastOffset);
            }
        }
    }

    /// <inheritdoc/>
    public override Task BroadcastAsync(SocketIOPacket packet, BroadcastOptions options)
    {
        if (options.IsVolatile)
            return base.BroadcastAsync(packet, options);

        using var selection = Keep(ref packet, options);
        Notify(packet, selection);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task PersistSessionAsync(StoredSession session)
    {
        lock (_gate)
        {
            var kept = new KeptSession(session, Now());
            _sessions[session.PrivateId] = kept;
            _bySessionAge.Enqueue(kept);
            CleanUp_NeedsLock();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public override Task<StoredSession?> RestoreSessionAsync(string privateId, string? offset)
    {
        lock (_gate)
        {
            CleanUp_NeedsLock();
            return Task.FromResult(_sessions.TryGetValue(privateId, out var kept) && IsKept_NeedsLock(offset ?? kept.Session.FirstOffset, out _) ? kept.Session : null);
        }
    }

    /// <inheritdoc/>
    public override Task<IReadOnlyList<SocketIOPacket>?> ReadMissedAsync(StoredSession session, string? offset)
    {
        lock (_gate)
        {
            if (!IsKept_NeedsLock(offset ?? session.FirstOffset, out var seen))
                return Task.FromResult<IReadOnlyList<SocketIOPacket>?>(null);

            var rooms = session.Rooms.ToHashSet(StringComparer.Ordinal);
            return Task.FromResult<IReadOnlyList<SocketIOPacket>?>([.. _events.Where(kept => kept.Offset > seen && kept.IsFor(rooms)).Select(kept => kept.Packet)]);
        }
    }

    /// <inheritdoc/>
    internal override bool SharesData => true;

    /// <inheritdoc/>
    internal override bool CleanUp()
    {
        lock (_gate)
        {
            CleanUp_NeedsLock();
            return _sessions.Count > 0;
        }
    }

    private static string ToText(ulong offset) => offset.ToString("x", CultureInfo.InvariantCulture);

    private SocketSelection Keep(ref SocketIOPacket packet, BroadcastOptions options)
    {
        lock (_gate)
        {
            var kept = new KeptEvent(++_lastOffset, packet.WithOffset(ToText(_lastOffset)), options, Now());
            packet = kept.Packet;
            _events.Enqueue(kept);
            _size += kept.Packet.Size;
            CleanUp_NeedsLock();

            var selection = Namespace.Rooms.Select(options.Rooms, options.Except);
            Send(packet, selection, options);
            return selection;
        }
    }

    private long Now() => Namespace.Options.TimeProvider.GetTimestamp();

    private bool IsOld(long since) => Namespace.Options.TimeProvider.GetElapsedTime(since) > recovery.MaxDisconnectionDuration;

    // Everything behind it must still be there; it itself need not.
    private bool IsKept_NeedsLock(string? offset, out ulong number)
        => ulong.TryParse(offset, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number)
            && number <= _lastOffset && number >= _lastOffset - (ulong)_events.Count;

    private void CleanUp_NeedsLock()
    {
        while (_events.TryPeek(out var oldest) && (_events.Count > recovery.MaxEventCount || _size > recovery.MaxEventSize || IsOld(oldest.Since)))
        {
            _events.Dequeue();
            _size -= oldest.Packet.Size;
        }

        while (_bySessionAge.TryPeek(out var oldest) && (_bySessionAge.Count > recovery.MaxSessionCount || IsOld(oldest.Since)))
        {
            _bySessionAge.Dequeue();

            // It may have come and gone again since.
            if (_sessions.GetValueOrDefault(oldest.Session.PrivateId) == oldest)
                _sessions.Remove(oldest.Session.PrivateId);
        }
    }

    private sealed record KeptEvent(ulong Offset, SocketIOPacket Packet, BroadcastOptions Options, long Since)
    {
        public bool IsFor(HashSet<string> rooms) => (Options.Rooms.Count == 0 || Options.Rooms.Any(rooms.Contains)) && !Options.Except.Any(rooms.Contains);
    }

    private sealed record KeptSession(StoredSession Session, long Since);
}
