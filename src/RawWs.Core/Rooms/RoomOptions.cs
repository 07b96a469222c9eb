using System.Runtime.CompilerServices;
using RawWs.Connections;

namespace RawWs;

/// <summary>What a room does beyond passing on messages. Read when the room is created: when its first member joins, or something is said in it that is to be kept.</summary>
/// <remarks>Setters throw an <see cref="ArgumentOutOfRangeException"/> that names the range.</remarks>
public sealed class RoomOptions
{
    /// <summary>A room that only passes on messages.</summary>
    internal static readonly RoomOptions Default = new();

    /// <summary>
    /// How many of the last messages whoever joins is sent first, before all later ones and without a gap. Default 0. Range: 0 to 100,000. Each is kept once, as
    /// long as the room lives.
    /// </summary>
    public int HistoryCount { get; init => field = InRange(value, 0, 100_000); }

    /// <summary>Bytes that the history may have; older messages go first, and one that is larger is not kept. Default 262,144. Range: from 0. Keep it well below
    /// <see cref="WebSocketServerOptions.MaxSendQueueSize"/>: whoever joins and reads slowly has the whole history in its queue.</summary>
    public long MaxHistorySize { get; init => field = InRange(value, 0, long.MaxValue); } = 256 << 10;

    /// <summary>
    /// How long the history outlives the last member, for those who come back. Default 5 min; an empty room without history costs nothing at all. It goes earlier
    /// if <see cref="WebSocketServerOptions.MaxRoomCount"/> is reached.
    /// </summary>
    public TimeSpan HistoryTimeout
    {
        get;
        init => field = value >= TimeSpan.Zero && value <= TimeSpan.FromDays(24)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(HistoryTimeout), value, $"{nameof(HistoryTimeout)} is 0 to 24 days.");
    } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Makes the message that the other members are sent when somebody joins or leaves; null, or a result of null, sends none. It is not kept in the history.
    /// Called for one change of the room after the other; must not wait. In a room of thousands, each change costs as much as a broadcast. Default: none.
    /// </summary>
    public Func<PresenceChange, PreparedMessage?>? Notice { get; init; }

    /// <summary>
    /// Whether nodes tell each other who is in the room, through the backplane. Then <see cref="Room.Presence"/> has the members of all nodes, and <see cref="Notice"/> is made for each of them, also if a
    /// whole node goes or comes; both have a <see cref="RoomMember.Node"/>. The same on all nodes. Each node then holds the members of all others; without a backplane it changes nothing. Default: false.
    /// </summary>
    public bool SharesPresence { get; init; }

    /// <summary>
    /// Tells what a message is a newer value of, such as the symbol of a price; null for nothing. Where it is set, the policy of the room is
    /// <see cref="SlowConsumerPolicy.Conflate"/> unless <see cref="Policy"/> says otherwise: only the newest value of each key waits for a slow reader. Keys of
    /// different rooms are different. Called once for each broadcast that has no key of its own. Default: none.
    /// </summary>
    public Func<PreparedMessage, string?>? ConflationKey { get; init; }

    /// <summary>
    /// What happens to a broadcast in this room for a member whose outgoing queue is full, unless the message or the connection says otherwise. Null, the
    /// default: what <see cref="WebSocketServerOptions.BroadcastPolicy"/> says.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is no policy.</exception>
    public SlowConsumerPolicy? Policy { get; init => field = value?.Checked(); }

    /// <summary>What happens at last.</summary>
    internal SlowConsumerPolicy? EffectivePolicy => Policy ?? (ConflationKey is null ? null : SlowConsumerPolicy.Conflate);

    private static long InRange(long value, long min, long max, [CallerMemberName] string? name = null)
        => value >= min && value <= max ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is {min} to {max}.");

    private static int InRange(int value, int min, int max, [CallerMemberName] string? name = null) => (int)InRange((long)value, min, max, name);
}
