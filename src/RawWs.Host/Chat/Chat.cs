using System.Security.Cryptography;

namespace RawWs.Host;

/// <summary>The chat of a server: rooms whose members have names and speak in the events of docs/chat.md.</summary>
/// <remarks>Thread-safe.</remarks>
/// <param name="server">The server.</param>
/// <param name="clock">What time it is.</param>
/// <param name="instance">A name of this start, the one that other nodes know it by if there are any.</param>
internal sealed class Chat(WebSocketServer server, TimeProvider clock, string instance)
{
    /// <summary>What a client asks for to chat. Whoever does not ask is in the room of the same path that passes on messages as they are.</summary>
    public const string Subprotocol = "rawws.chat.v1";

    // No path begins with it: the two rooms of one path are two.
    private const string RoomPrefix = "chat:";

    // Of 64 characters at most for each id and room: 10 MiB, if all are as long as they may be.
    private const int MaxRecentMessages = 16_384;

    private const int OrderCount = 64;

    // Two who speak at the same moment are heard in the same order by everybody, which broadcasts of two threads do not promise. Each of these is for many rooms,
    // and none is held while anybody is waited for.
    private readonly Lock[] _orders = [.. Enumerable.Range(0, OrderCount).Select(_ => new Lock())];

    // How many messages the rooms had when their members were last told of a gap.
    private Dictionary<string, long> _toldMissed = [];

    private readonly RecentMessages _recent = new(MaxRecentMessages);

    /// <summary>A name of this start.</summary>
    public string Instance => instance;

    /// <summary>What the rooms of the chat do.</summary>
    /// <param name="name">The name of any room of the server.</param>
    /// <param name="history">How many messages whoever joins is sent first.</param>
    /// <param name="instance">A name of this start.</param>
    /// <returns>Null if it is no room of the chat.</returns>
    public static RoomOptions? RoomOptionsFor(string name, int history, string instance)
        => name.StartsWith(RoomPrefix, StringComparison.Ordinal)
            ? new RoomOptions { HistoryCount = history, HistoryTimeout = ChatLimits.HistoryTimeout, SharesPresence = true, Notice = change => NoticeOf(change, instance) }
            : null;

    /// <summary>The session of a client that has asked for <see cref="Subprotocol"/>.</summary>
    public Task RunAsync(WebSocketConnection connection, CancellationToken cancellationToken)
        => new ChatSession(this, connection, connection.Path[(RoomSession.RoomsPath.Length - 1)..]).RunAsync(cancellationToken);

    /// <summary>The members of a room, and the way to reach them.</summary>
    public Room RoomOf(string name) => server.Rooms[RoomPrefix + name];

    /// <summary>Says something in a room, unless it was said before.</summary>
    /// <returns>Whether it was new.</returns>
    public async ValueTask<bool> TrySayAsync(string room, string id, ChatMember member, string text)
    {
        ValueTask<BroadcastResult> pacing;
        lock (_orders[(uint)room.GetHashCode(StringComparison.Ordinal) % OrderCount])
        {
            if (!_recent.TryAdd(room, id))
                return false;

            // Everybody has been handed it when this returns. Without a token, so that a stop does not end it before its turn.
            var message = ChatEvents.Write(new MessageEvent(id, member.Server, member.Member, member.Name ?? "", text, clock.GetUtcNow()));
            pacing = RoomOf(room).BroadcastAsync(message, cancellationToken: CancellationToken.None);
        }

        // Awaited, so that whoever sends is held to the pace of those who read.
        await pacing;
        return true;
    }

    /// <summary>Tells all rooms of this node that something of other nodes may be missing. One call at a time.</summary>
    public void TellMissed()
    {
        var missed = ChatEvents.Write(new MissedEvent(RandomNumberGenerator.GetHexString(16, lowercase: true)));
        var told = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var room in server.Rooms.All)
        {
            if (!room.Name.StartsWith(RoomPrefix, StringComparison.Ordinal))
                continue;

            // Where nothing was said since, it is one gap: a Redis that comes and goes does not fill the history.
            if (!_toldMissed.TryGetValue(room.Name, out var count) || count != room.MessageCount)
                room.OnThisNode.Broadcast(missed);

            told[room.Name] = room.MessageCount;
        }

        _toldMissed = told;
    }

    private static PreparedMessage NoticeOf(PresenceChange change, string instance)
    {
        var (member, name, server) = (change.Member.ConnectionId, change.Member.Info ?? "", change.Member.Node ?? instance);
        return ChatEvents.Write(change.HasJoined ? new JoinedEvent(server, member, name) : new LeftEvent(server, member, name));
    }
}
