namespace RawWs;

/// <summary>
/// A named set of connections of this server. It is a name and no more: it may be kept, or asked for again each time, whether or not anybody is in the room.
/// </summary>
/// <remarks>Thread-safe. Two of the same name and server are the same room.</remarks>
public sealed class Room : BroadcastTarget, IEquatable<Room>
{
    private readonly RoomDirectory _directory;

    internal Room(RoomDirectory directory, string name)
        : base(directory, [name])
        => (_directory, Name) = (directory, name);

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>How many members it has at this moment.</summary>
    public int Count => _directory.Find(Name)?.MemberCount ?? 0;

    /// <summary>How many messages have been broadcast to it since it came into being, to it alone or among others. 0 while it is empty and has no history.</summary>
    public long MessageCount => _directory.Find(Name)?.MessageCount ?? 0;

    /// <summary>The members of this moment, in no particular order.</summary>
    public IReadOnlyList<WebSocketConnection> Members => _directory.Find(Name)?.Members ?? [];

    /// <summary>
    /// The members of this moment, with what was said about them when they joined: those of this node, and, if the room <see cref="RoomOptions.SharesPresence"/>, behind them those of all nodes that this one
    /// hears.
    /// </summary>
    public IReadOnlyList<RoomMember> Presence => _directory.PresenceOf(Name);

    /// <summary>Whether a connection is a member at this moment.</summary>
    public bool Contains(WebSocketConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return _directory.Find(Name)?.Contains(connection) ?? false;
    }

    /// <summary>Lets a connection join. It is sent the room's history, if there is one, and then everything that is broadcast from now on.</summary>
    /// <param name="connection">A connection of this server.</param>
    /// <param name="info">What <see cref="Presence"/> says about it, such as a name. Null: nothing. Of a member it is changed, without a notice.</param>
    /// <returns>Whether it joined: not if it is a member already, or is closing.</returns>
    /// <exception cref="RoomLimitException">
    /// There are <see cref="WebSocketServerOptions.MaxRoomCount"/> rooms, or the connection is in <see cref="WebSocketServerOptions.MaxRoomsPerConnection"/>.
    /// </exception>
    public bool Join(WebSocketConnection connection, string? info = null) => _directory.Join(Name, connection, info);

    /// <summary>Lets a connection leave. A connection that ends leaves by itself.</summary>
    /// <returns>Whether it was a member.</returns>
    public bool Leave(WebSocketConnection connection) => _directory.Leave(Name, connection);

    /// <summary>Whether two are the same room.</summary>
    public static bool operator ==(Room? left, Room? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether two are different rooms.</summary>
    public static bool operator !=(Room? left, Room? right) => !(left == right);

    /// <inheritdoc/>
    public bool Equals(Room? other) => other is not null && ReferenceEquals(_directory, other._directory) && Name == other.Name;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Room);

    /// <inheritdoc/>
    public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => $"{nameof(Room)} {Name}";
}
