namespace RawWs.Redis.Rooms;

/// <summary>What nodes say to each other about who is in which room. <see cref="PresenceReader"/> has the form.</summary>
/// <param name="Node">Who says it.</param>
internal abstract record PresenceMessage(NodeId Node)
{
    /// <summary>It lives. Said at regular intervals, and to whoever asks.</summary>
    /// <param name="Node">Who says it.</param>
    /// <param name="Number">How many changes it has told so far: who has heard fewer has missed some.</param>
    /// <param name="IsAsking">Whether others are to say so, too.</param>
    public sealed record Here(NodeId Node, ulong Number, bool IsAsking) : PresenceMessage(Node);

    /// <summary>It ends.</summary>
    public sealed record Gone(NodeId Node) : PresenceMessage(Node);

    /// <summary>Who has joined its rooms, and left.</summary>
    /// <param name="Node">Who says it.</param>
    /// <param name="First">The number of the first change, from 1; the others follow.</param>
    /// <param name="Changed">The changes; at least one.</param>
    public sealed record Changes(NodeId Node, ulong First, MemberChange[] Changed) : PresenceMessage(Node);

    /// <summary>A node is to tell all its members, for some changes were missed.</summary>
    public sealed record Ask(NodeId Node, NodeId Asked) : PresenceMessage(Node);

    /// <summary>Some of all its members.</summary>
    /// <param name="Node">Who says it.</param>
    /// <param name="Number">How many changes this is after.</param>
    /// <param name="Index">Which part this is, from 0.</param>
    /// <param name="IsLast">Whether there is no other part behind it.</param>
    /// <param name="Members">As if they had just joined.</param>
    public sealed record Page(NodeId Node, ulong Number, uint Index, bool IsLast, MemberChange[] Members) : PresenceMessage(Node);

    /// <summary>Who is in this room on each of you?</summary>
    /// <param name="Node">Who asks.</param>
    /// <param name="Number">Of the question.</param>
    /// <param name="MaxCount">How many to name at most.</param>
    /// <param name="Room">The name of the room.</param>
    public sealed record Question(NodeId Node, ulong Number, int MaxCount, string Room) : PresenceMessage(Node);

    /// <summary>These, or some of them.</summary>
    /// <param name="Node">Who answers.</param>
    /// <param name="Number">Of the question.</param>
    /// <param name="Asker">Who asked.</param>
    /// <param name="Count">How many there are in all.</param>
    /// <param name="Index">Which part this is, from 0.</param>
    /// <param name="IsLast">Whether there is no other part behind it.</param>
    /// <param name="Members">Those of this part.</param>
    public sealed record Answer(NodeId Node, ulong Number, NodeId Asker, int Count, uint Index, bool IsLast, RoomMember[] Members) : PresenceMessage(Node);
}
