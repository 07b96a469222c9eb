using RawWs.Redis.Client;

namespace RawWs.Redis.Rooms;

/// <summary>
/// Tells other nodes who is in rooms here: changes as they happen, many in one message if they come fast; everybody, if somebody asks; and at regular intervals that this node lives, and how many changes there
/// have been. All in this order, one message after the other. What could not be said is not said again: by the numbers it is known to be missing, and whoever misses it asks.
/// </summary>
internal sealed class PresenceSender(NodeId self, NodeChannel channel, RedisBackplaneOptions options)
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);

    private readonly OwnPresence _own = new();
    private readonly Wakeup _wakeup = new();
    private int _owed = (int)Owed.Here;

    /// <summary>What is to be said besides changes.</summary>
    [Flags]
    private enum Owed
    {
        Here = 1,
        Question = 2,
        Everybody = 4,
    }

    /// <summary>Somebody has joined, or left. For each room called for one change after the other.</summary>
    /// <exception cref="ArgumentException">The name of the room can't travel.</exception>
    public void Tell(string room, RoomMember member, bool hasJoined)
    {
        _own.Change(room, member, hasJoined);
        _wakeup.Set();
    }

    /// <summary>Somebody has asked for everybody.</summary>
    public void TellEverybody() => Owe(Owed.Everybody);

    /// <summary>Somebody has asked who lives.</summary>
    public void TellHere() => Owe(Owed.Here);

    /// <summary>Asks the others who lives, and says that this node does.</summary>
    public void AskWhoIsHere() => Owe(Owed.Here | Owed.Question);

    /// <summary>Tells until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var time = options.TimeProvider;
        var toldAt = time.GetTimestamp();
        while (true)
        {
            var owed = (Owed)Interlocked.Exchange(ref _owed, 0);
            var rest = options.HeartbeatInterval - time.GetElapsedTime(toldAt);
            if (rest <= TimeSpan.Zero)
                owed |= Owed.Here;

            if (!await TrySayAsync(owed, cancellationToken).ConfigureAwait(false))
            {
                // Soon, for by that others find out what they miss.
                Interlocked.Or(ref _owed, (int)((owed & Owed.Question) | Owed.Here));
                rest = RetryInterval;
            }
            else if (owed.HasFlag(Owed.Here))
            {
                (toldAt, rest) = (time.GetTimestamp(), options.HeartbeatInterval);
            }

            await _wakeup.WaitAsync(rest, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Owe(Owed owed)
    {
        Interlocked.Or(ref _owed, (int)owed);
        _wakeup.Set();
    }

    private async Task<bool> TrySayAsync(Owed owed, CancellationToken cancellationToken)
    {
        foreach (var message in TakeMessages(owed))
        {
            if (!await channel.TrySayAsync(message, cancellationToken).ConfigureAwait(false))
                return false;
        }

        return true;
    }

    private IEnumerable<byte[]> TakeMessages(Owed owed)
    {
        var (number, changes, members) = _own.Take(withMembers: owed.HasFlag(Owed.Everybody));
        if (changes.Length > 0)
        {
            foreach (var message in PresenceWriter.Changes(self, number - (ulong)changes.Length + 1, changes))
                yield return message;
        }

        if (members is not null)
        {
            foreach (var message in PresenceWriter.Pages(self, number, members))
                yield return message;
        }

        if (owed.HasFlag(Owed.Here))
            yield return PresenceWriter.Here(self, number, owed.HasFlag(Owed.Question));
    }
}
