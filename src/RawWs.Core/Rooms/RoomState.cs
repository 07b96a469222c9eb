using RawWs.Connections;

namespace RawWs.Rooms;

/// <summary>A room that has members, or a history: who is in it, what was said last. One that has neither any more is removed and does not come back.</summary>
/// <remarks>Thread-safe. The due time is that of the history of an empty room.</remarks>
internal sealed class RoomState(RoomDirectory directory, string name, RoomOptions options) : Deadline
{
    private readonly Lock _gate = new();
    private readonly ConnectionSet _members = new();
    private readonly RoomHistory? _history = options.HistoryCount > 0 ? new RoomHistory(options.HistoryCount, options.MaxHistorySize, directory.Histories) : null;
    private Dictionary<WebSocketConnection, string>? _infos;
    private bool _isRemoved;
    private long _messageCount;

    public string Name => name;

    public RoomOptions Options => options;

    /// <summary>Its place among <see cref="RetainedRooms"/>, whose lock guards it; null if it is not there.</summary>
    public LinkedListNode<RoomState>? Place { get; set; }

    /// <summary>How many messages have been broadcast to it since it came into being.</summary>
    public long MessageCount => Volatile.Read(ref _messageCount);

    public int MemberCount
    {
        get
        {
            lock (_gate)
            {
                return _members.Count;
            }
        }
    }

    public WebSocketConnection[] Members => _members.CurrentSnapshot ?? MakeSnapshot();

    /// <summary>Some of the members, with what was said about them.</summary>
    public RoomMember[] ReadMembers(int maxCount)
    {
        lock (_gate)
        {
            var members = _members.Snapshot();
            return Array.ConvertAll(members.Length > maxCount ? members[..maxCount] : members, MemberOf_NeedsLock);
        }
    }

    public bool Contains(WebSocketConnection connection)
    {
        lock (_gate)
        {
            return _members.Contains(connection);
        }
    }

    /// <summary>Lets a connection in, and hands it the history, behind which everything later follows.</summary>
    /// <param name="connection">Who joins.</param>
    /// <param name="memberships">Its rooms.</param>
    /// <param name="info">What is said about it.</param>
    /// <param name="isHeld">Whether the history waits for <see cref="WebSocketConnection.ReleaseSending"/>, outside the room's lock.</param>
    /// <exception cref="RoomLimitException">The connection is in too many rooms.</exception>
    public Joining Join(WebSocketConnection connection, Memberships memberships, string? info, out bool isHeld)
    {
        isHeld = false;
        lock (_gate)
        {
            if (_isRemoved)
                return Joining.RoomRemoved;

            if (_members.Contains(connection))
            {
                if (info is not null && info != _infos?.GetValueOrDefault(connection))
                {
                    (_infos ??= [])[connection] = info;
                    if (options.SharesPresence)
                        directory.Announcements.Announce_NeedsLock(new Announcement(this, MemberOf_NeedsLock(connection), connection, HasJoined: true, IsFirstOrLast: false, IsUpdate: true));
                }

                return Joining.None;
            }

            var wasEmpty = _members.Count == 0;
            if (!memberships.TryAdd(this, directory.MaxRoomsPerConnection))
                return Joining.None;

            if (wasEmpty && _history is not null)
                directory.Retained.Forget(this);

            _members.Add(connection);
            directory.OnJoined();
            if (info is not null)
                (_infos ??= []).Add(connection, info);

            directory.Announcements.Announce_NeedsLock(new Announcement(this, MemberOf_NeedsLock(connection), connection, HasJoined: true, IsFirstOrLast: wasEmpty));

            // Under the lock, so that no broadcast comes between, or is missing. Handing over never waits.
            if (_history is { IsEmpty: false })
                isHeld = connection.EnqueueAll(_history.ToArray());

            return Joining.Joined;
        }
    }

    /// <returns>Whether it was in it.</returns>
    public bool Leave(WebSocketConnection connection, Memberships memberships)
    {
        lock (_gate)
        {
            var member = MemberOf_NeedsLock(connection);
            if (!_members.Remove(connection))
                return false;

            _infos?.Remove(connection);
            memberships.Remove(this);
            directory.OnLeft();
            directory.Announcements.Announce_NeedsLock(new Announcement(this, member, connection, HasJoined: false, IsFirstOrLast: _members.Count == 0));

            if (_members.Count == 0)
                RetainOrRemove_NeedsLock();

            return true;
        }
    }

    /// <summary>Somebody has joined on another node, or left, which the members here are to be told.</summary>
    public void AnnounceElsewhere(RoomMember member, bool hasJoined)
    {
        lock (_gate)
        {
            directory.Announcements.Announce_NeedsLock(new Announcement(this, member, Connection: null, hasJoined, IsFirstOrLast: false));
        }
    }

    /// <summary>Keeps a message for those who join later, and tells who is to have it now.</summary>
    /// <param name="message">The message.</param>
    /// <param name="recipients">Who was a member when it was kept.</param>
    /// <returns><see langword="false"/> if the room has been removed.</returns>
    public bool TryRecord(PreparedMessage message, out WebSocketConnection[] recipients)
    {
        // Once for a broadcast, which takes a lock for each of its recipients.
        Interlocked.Increment(ref _messageCount);
        recipients = _history is null ? Members : [];
        if (_history is null)
            return true;

        lock (_gate)
        {
            if (_isRemoved)
                return false;

            _history.Add(message);
            recipients = _members.Snapshot();
            if (recipients.Length == 0)
                RetainOrRemove_NeedsLock();

            return true;
        }
    }

    /// <summary>Removes the room if nobody is in it.</summary>
    public bool TryRemoveEmpty()
    {
        lock (_gate)
        {
            if (_isRemoved || _members.Count > 0)
                return false;

            Remove_NeedsLock();
            return true;
        }
    }

    /// <summary>Removes the room if nobody is in it, and it has nothing to keep. It was made for somebody who could not join.</summary>
    public void TryRemoveUnused()
    {
        lock (_gate)
        {
            if (!_isRemoved && _members.Count == 0 && !HasToKeep)
                Remove_NeedsLock();
        }
    }

    /// <summary>Nobody has come back in time.</summary>
    internal override void OnDue()
    {
        lock (_gate)
        {
            // Somebody may have come and gone since it was taken from the wheel: then its time has begun anew.
            if (!_isRemoved && _members.Count == 0 && DueAt == long.MaxValue)
                Remove_NeedsLock();
        }
    }

    private bool HasToKeep => _history is { IsEmpty: false } && options.HistoryTimeout > TimeSpan.Zero;

    private void RetainOrRemove_NeedsLock()
    {
        if (HasToKeep)
            directory.Retained.Keep(this);
        else
            Remove_NeedsLock();
    }

    private void Remove_NeedsLock()
    {
        _isRemoved = true;
        _history?.Clear();
        directory.Remove(this);
    }

    private WebSocketConnection[] MakeSnapshot()
    {
        lock (_gate)
        {
            return _members.Snapshot();
        }
    }

    private RoomMember MemberOf_NeedsLock(WebSocketConnection connection) => new(connection.Id, _infos?.GetValueOrDefault(connection));

    /// <summary>What came of an attempt to join.</summary>
    public enum Joining
    {
        /// <summary>Nothing: it is a member already, or it has ended.</summary>
        None,

        Joined,

        /// <summary>The room has just been removed: another of its name may be made.</summary>
        RoomRemoved,
    }
}
