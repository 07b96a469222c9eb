using System.Runtime.CompilerServices;

namespace RawWs.Redis;

/// <summary>How the servers of a cluster talk that use <see cref="RedisStreamsAdapter"/>. What has a counterpart in Node is the same on all of them.</summary>
/// <remarks>Setters throw an <see cref="ArgumentOutOfRangeException"/> that names the range.</remarks>
public sealed class RedisStreamsAdapterOptions
{
    /// <summary>The key of the stream. Default <c>socket.io</c>, as in Node.</summary>
    public string StreamName { get; set => field = NotEmpty(value); } = "socket.io";

    /// <summary>How many streams there are, each for some of the namespaces; with more than one each has a number behind its name. Default 1. Range: from 1 to 1,024.</summary>
    public int StreamCount { get; set => field = InRange(value, 1, 1_024); } = 1;

    /// <summary>What the names of the channels begin with that requests and answers go over. Default <c>socket.io</c>, as in Node.</summary>
    public string ChannelPrefix { get; set => field = NotEmpty(value); } = "socket.io";

    /// <summary>Whether those are sharded channels. Default false.</summary>
    public bool UseShardedChannels { get; set; }

    /// <summary>About how many entries a stream keeps, which is how much a client or a server may have missed and still catch up. Default 10,000. Range: from 1.</summary>
    public int MaxStreamLength { get; set => field = InRange(value, 1, int.MaxValue); } = 10_000;

    /// <summary>How many entries are read at once, at most. Default 100. Range: 1 to 10,000.</summary>
    public int ReadCount { get; set => field = InRange(value, 1, 10_000); } = 100;

    /// <summary>How long Redis is asked to wait for an entry, at most; half of <see cref="RedisOptions.CommandTimeout"/> if that is less. Default 5 s. Range: 1 ms to an hour.</summary>
    public TimeSpan BlockTime { get; set => field = InRange(value); } = TimeSpan.FromSeconds(5);

    /// <summary>What the keys of sessions begin with that clients may come back to. Default <c>sio:session:</c>, as in Node.</summary>
    public string SessionKeyPrefix { get; set => field = NotEmpty(value); } = "sio:session:";

    /// <summary>How long other servers are waited for that are asked for their sockets, and the stream when a client comes back. Default 5 s. Range: 1 ms to an hour.</summary>
    public TimeSpan RequestTimeout { get; set => field = InRange(value); } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// What may wait to be added to the stream and to come back from it, as while Redis is away, or when more is sent at once than it takes. More of it others do not hear, which is counted. Default 131,072 for each
    /// namespace. Range: from 1.
    /// </summary>
    public int MaxOutboxCount { get; set => field = InRange(value, 1, int.MaxValue); } = 131_072;

    /// <summary>Bytes of what may wait. Default 64 MiB for each namespace. Range: from 1.</summary>
    public int MaxOutboxSize { get; set => field = InRange(value, 1, int.MaxValue); } = 64 << 20;

    internal RedisStreamsAdapterOptions Clone() => (RedisStreamsAdapterOptions)MemberwiseClone();

    /// <summary>The stream of a namespace, which is always the same.</summary>
    internal string StreamOf(string nsp)
    {
        if (StreamCount == 1)
            return StreamName;

        // As Node's package computes it. There a remainder below zero makes a stream that no server reads; here its namespaces are on the one without the sign.
        var hash = nsp.Aggregate(0, static (hash, character) => unchecked((hash * 31) + character));
        return $"{StreamName}-{Math.Abs(hash % StreamCount)}";
    }

    private static string NotEmpty(string value, [CallerMemberName] string? name = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(value, name);
        return value;
    }

    private static int InRange(int value, int min, int max, [CallerMemberName] string? name = null)
        => value >= min && value <= max ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is {min} to {max}.");

    private static TimeSpan InRange(TimeSpan value, [CallerMemberName] string? name = null)
        => value >= TimeSpan.FromMilliseconds(1) && value <= TimeSpan.FromHours(1) ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is 1 ms to an hour.");
}
