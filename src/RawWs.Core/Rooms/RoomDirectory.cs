using System.Collections.Concurrent;
using RawWs.Connections;
using RawWs.Diagnostics;
using RawWs.Rooms;

namespace RawWs;

/// <summary>
/// The rooms of a server. A room comes into being when somebody joins it and vanishes when the last member leaves; nobody need create or remove one, and it costs
/// nothing while it is empty. A connection leaves all its rooms when it ends.
/// </summary>
/// <remarks>
/// Thread-safe. Events of rooms with the same name come one after the other, in the order in which things happened, on the thread that brought one of them about,
/// outside all locks; a handler must not wait. What a handler throws is logged, and changes nothing.
/// </remarks>
public sealed partial class RoomDirectory
{
    private static readonly Comparer<(int Members, string Name)> BySize = Comparer<(int Members, string Name)>.Create(
        static (one, other) => one.Members != other.Members ? one.Members.CompareTo(other.Members) : string.CompareOrdinal(other.Name, one.Name));

    private readonly ConcurrentDictionary<string, RoomState> _rooms = new(StringComparer.Ordinal);
    private readonly RoomSettings _settings;
    private readonly DeadlineWheels _wheels;

    // Held while a room is made, so that its name takes one place, however many want it at once. Rooms' own locks are taken inside it.
    private readonly Lock _making = new();
    private int _count;

    internal RoomDirectory(RoomSettings settings, DeadlineWheels wheels)
    {
        (_settings, _wheels) = (settings, wheels);
        Retained = new RetainedRooms(wheels.Common);
        Histories = new HistoryBudget(settings.MaxHistoryMemory);
        Announcements = new Announcements(Tell, room => room.Options.Notice is not null || room.Options.SharesPresence || HasHandlers);
        Broadcaster = new Broadcaster(this, settings);
    }

    /// <summary>Somebody has joined a room.</summary>
    public event Action<Room, WebSocketConnection>? Joined;

    /// <summary>Somebody has left a room, by itself or because its connection ended.</summary>
    public event Action<Room, WebSocketConnection>? Left;

    /// <summary>The first member of a room has joined. Comes before its <see cref="Joined"/>.</summary>
    public event Action<Room>? Created;

    /// <summary>The last member of a room has left. Comes after its <see cref="Left"/>.</summary>
    public event Action<Room>? Emptied;

    /// <summary>
    /// What other nodes have broadcast may be missing here, in any room. Raised by the backplane where the gap is, between what was delivered before and what will be next, on its thread; members can be
    /// told by a broadcast <see cref="BroadcastTarget.OnThisNode"/>. Whoever joined before may have missed something; a history has the gap where it was.
    /// </summary>
    public event Action? MessagesLost;

    /// <summary>How many rooms there are: those that have a member, or a history.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The room of this name, whether or not anybody is in it.</summary>
    /// <param name="name">Any text of 1 to <see cref="WebSocketServerOptions.MaxRoomNameLength"/> characters; compared ordinally.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    /// <exception cref="RoomLimitException">The name is too long.</exception>
    public Room this[string name] => new(this, Checked(name));

    /// <summary>Several rooms together: a broadcast reaches each member once, in however many of them it is.</summary>
    /// <exception cref="ArgumentException">There is none, or a name is empty.</exception>
    /// <exception cref="RoomLimitException">A name is too long.</exception>
    public BroadcastTarget this[params ReadOnlySpan<string> names]
    {
        get
        {
            if (names.IsEmpty)
                throw new ArgumentException("Name at least one room.", nameof(names));

            foreach (var name in names)
                Checked(name);

            return new BroadcastTarget(this, names.ToArray());
        }
    }

    /// <summary>The rooms of this moment.</summary>
    public IReadOnlyList<Room> All => [.. _rooms.Keys.Select(name => new Room(this, name))];

    /// <summary>The rooms with the most members at this moment, the largest first; of two of the same size, the first by name.</summary>
    /// <param name="count">How many, at most. All rooms are looked at, without a list of them being made.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative.</exception>
    public IReadOnlyList<Room> Largest(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count == 0)
            return [];

        // The smallest of the largest is on top, and goes when a larger one comes.
        var largest = new PriorityQueue<string, (int Members, string Name)>(BySize);
        foreach (var (name, room) in _rooms)
        {
            if (largest.Count < count)
                largest.Enqueue(name, (room.MemberCount, name));
            else
                largest.EnqueueDequeue(name, (room.MemberCount, name));
        }

        var rooms = new Room[largest.Count];
        for (var place = rooms.Length - 1; place >= 0; place--)
            rooms[place] = new Room(this, largest.Dequeue());

        return rooms;
    }

    /// <summary>The rooms that a connection is in at this moment.</summary>
    public IReadOnlyList<Room> Of(WebSocketConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return connection.Membership is Memberships memberships ? [.. memberships.Rooms.Select(room => new Room(this, room.Name))] : [];
    }

    internal Announcements Announcements { get; }

    internal Broadcaster Broadcaster { get; }

    internal RetainedRooms Retained { get; }

    internal HistoryBudget Histories { get; }

    internal int MaxRoomsPerConnection => _settings.MaxRoomsPerConnection;

    /// <summary>How many members a room has; null for all connections.</summary>
    internal int CountMembers(string? name) => name is null ? Broadcaster.Count : Find(name)?.MemberCount ?? 0;

    internal RoomState? Find(string name) => _rooms.GetValueOrDefault(name);

    internal bool Join(string name, WebSocketConnection connection, string? info)
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (connection.Wheels != _wheels)
            throw new ArgumentException("The connection belongs to another server.", nameof(connection));

        if (!connection.IsOpen)
            return false;

        var memberships = MembershipsOf(connection);
        while (true)
        {
            var room = Find(name) ?? Create(name);
            RoomState.Joining joining;
            bool isHeld;
            try
            {
                joining = room.Join(connection, memberships, info, out isHeld);
            }
            catch (RoomLimitException)
            {
                _settings.Refusals.Report(RefusalReason.RoomsFull);
                room.TryRemoveUnused();
                throw;
            }

            if (joining == RoomState.Joining.RoomRemoved)
                continue;

            connection.ReleaseSending(isHeld);

            if (joining == RoomState.Joining.None)
            {
                room.TryRemoveUnused();

                // What is said about it may have changed.
                Announcements.Tell(name);
                return false;
            }

            Announcements.Tell(name);

            // It may have ended before it belonged to anything.
            if (!connection.IsOpen)
                memberships.End();

            return true;
        }
    }

    internal bool Leave(string name, WebSocketConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        if (Find(name) is not { } room || connection.Membership is not Memberships memberships || !room.Leave(connection, memberships))
            return false;

        Announcements.Tell(name);
        return true;
    }

    /// <summary>A connection has joined a room. Called under the room's lock, so that its leaving is counted behind that.</summary>
    internal void OnJoined() => _settings.Metrics.MembershipChanged(1);

    /// <summary>A connection has left a room. Called under the room's lock, so that whoever finds it in none finds none counted.</summary>
    internal void OnLeft() => _settings.Metrics.MembershipChanged(-1);

    /// <summary>The room that keeps a message for those who join later; null if rooms of this name don't, or there is no place for one.</summary>
    internal RoomState? FindOrCreateToRecord(string name, PreparedMessage message)
    {
        if (Find(name) is not { } room)
        {
            var options = _settings.OptionsOf(name);
            if (options.HistoryCount == 0 || options.HistoryTimeout == TimeSpan.Zero || TryCreate(name, options) is not { } created)
                return null;

            room = created;
        }

        // Before any lock of a room is held. If all are in use, the room makes place itself.
        while (room.Options.HistoryCount > 0 && Histories.CanEverHold(message) && Histories.IsFullFor(message) && TryRemoveRetained())
        {
            // One that nobody is in has gone for it.
        }

        return room;
    }

    /// <summary>A room has neither members nor a history any more. Called under its lock.</summary>
    internal void Remove(RoomState room)
    {
        Retained.Forget(room);
        if (!_rooms.TryRemove(new KeyValuePair<string, RoomState>(room.Name, room)))
            return;

        Interlocked.Decrement(ref _count);
        _settings.Metrics.RoomCountChanged(-1);
    }

    internal string Checked(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length == 0)
            throw new ArgumentException($"The name of a room has 1 to {_settings.MaxRoomNameLength} characters; this one is empty.", nameof(name));

        if (name.Length <= _settings.MaxRoomNameLength)
            return name;

        // Mostly it is a peer that has chosen it.
        _settings.Refusals.Report(RefusalReason.RoomName);
        throw new RoomLimitException(
            $"The name of a room has 1 to {_settings.MaxRoomNameLength} characters; this one has {name.Length}.", CloseCode.PolicyViolation, "the name of the room is too long");
    }

    private Memberships MembershipsOf(WebSocketConnection connection)
        => (Memberships)(connection.Membership ?? connection.Belong(new Memberships(this, connection)));

    private RoomState Create(string name)
    {
        if (TryCreate(name, _settings.OptionsOf(name)) is { } room)
            return room;

        _settings.Refusals.Report(RefusalReason.RoomsFull);
        throw new RoomLimitException($"There are {_settings.MaxRoomCount} rooms already, the limit of {nameof(WebSocketServerOptions.MaxRoomCount)}.");
    }

    /// <returns>The room of this name; null if there are too many.</returns>
    private RoomState? TryCreate(string name, RoomOptions options)
    {
        lock (_making)
        {
            if (Find(name) is { } room)
                return room;

            if (_count >= _settings.MaxRoomCount && !TryRemoveRetained())
                return null;

            _rooms[name] = room = new RoomState(this, name, options);
            Interlocked.Increment(ref _count);
            _settings.Metrics.RoomCountChanged(1);
            return room;
        }
    }

    /// <summary>Makes room for a room: one that nobody is in goes before its time.</summary>
    private bool TryRemoveRetained()
    {
        while (Retained.TakeOldest() is { } room)
        {
            if (room.TryRemoveEmpty())
                return true;
        }

        return false;
    }
}
