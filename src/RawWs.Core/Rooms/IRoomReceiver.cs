namespace RawWs;

/// <summary>What a backplane tells a server of other nodes, and asks it for them.</summary>
/// <remarks>Thread-safe. Nothing here waits or throws.</remarks>
public interface IRoomReceiver
{
    /// <summary>Delivers here what another node has published. To be called by one thread at a time if the order matters.</summary>
    void Deliver(RoomPublication publication);

    /// <summary>
    /// What other nodes have published may be missing here, between what was delivered last and what will be next. Whoever keeps track of that calls this once for each gap, before what lies behind
    /// it; <see cref="RoomDirectory.MessagesLost"/> is raised.
    /// </summary>
    void ReportLoss();

    /// <summary>How many members a room has on this node at this moment.</summary>
    /// <param name="room">Its name; null: how many connections there are.</param>
    int CountMembers(string? room);

    /// <summary>Who is in a room on this node at this moment.</summary>
    /// <param name="room">Its name.</param>
    /// <param name="maxCount">How many to name at most; which, if there are more, is not determined.</param>
    IReadOnlyList<RoomMember> ReadMembers(string room, int maxCount);

    /// <summary>
    /// Tells the members of a room here that somebody has joined it on another node, or left it. To be called by one thread at a time, when <see cref="IRoomBackplane.ReadPresence"/> says so already, so that
    /// whoever joins meanwhile is told or finds it there.
    /// </summary>
    /// <param name="room">The name of the room.</param>
    /// <param name="member">Who, with its node.</param>
    /// <param name="hasJoined">Whether it has joined; otherwise it has left.</param>
    void DeliverPresence(string room, RoomMember member, bool hasJoined);
}
