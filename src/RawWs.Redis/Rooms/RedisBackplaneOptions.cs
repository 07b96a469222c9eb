using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace RawWs.Redis;

/// <summary>How rooms are shared through Redis. The same on all nodes. Read when a backplane is made.</summary>
/// <remarks>Setters throw an <see cref="ArgumentOutOfRangeException"/> that names the range.</remarks>
public sealed class RedisBackplaneOptions
{
    /// <summary>How broadcasts get from node to node. Default: <see cref="RedisBackplaneMode.PubSub"/>.</summary>
    public RedisBackplaneMode Mode { get; set; }

    /// <summary>What the names of channels and keys begin with; nodes of the same name share their rooms. 1 to 256 characters. Default: <c>rawws</c>.</summary>
    public string Name
    {
        get;
        set => field = value is { Length: >= 1 and <= 256 } ? value : throw new ArgumentOutOfRangeException(nameof(Name), value, $"{nameof(Name)} has 1 to 256 characters.");
    } = "rawws";

    /// <summary>About how many broadcasts the stream keeps, which is how far behind a node may be and still catch up. Default 10,000. Range: from 1.</summary>
    public int MaxStreamLength { get; set => field = InRange(value, 1, int.MaxValue); } = 10_000;

    /// <summary>Broadcasts that wait here to be sent, such as while Redis is not there. One more is dropped, and counted; other nodes know of the gap. Default 10,000. Range: from 1.</summary>
    public int MaxOutboxCount { get; set => field = InRange(value, 1, int.MaxValue); } = 10_000;

    /// <summary>Bytes of the broadcasts that wait here. Default 16 MiB. Range: from 1.</summary>
    public int MaxOutboxSize { get; set => field = InRange(value, 1, int.MaxValue); } = 16 << 20;

    /// <summary>Bytes of one broadcast with the names of its rooms; a larger one stays on its node, and is counted. Default 8 MiB, of 1 to 16 MiB.</summary>
    public int MaxPublicationSize { get; set => field = InRange(value, 1, 16 << 20); } = 8 << 20;

    /// <summary>How often a node looks at the stream when nobody tells it to. Default 2 s. Range: 1 ms to an hour.</summary>
    public TimeSpan PollInterval { get; set => field = InRange(value); } = TimeSpan.FromSeconds(2);

    /// <summary>How often a node says that it lives. One that was not heard for three of these is not waited for. Default 2 s. Range: 1 ms to an hour.</summary>
    public TimeSpan HeartbeatInterval { get; set => field = InRange(value); } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Members of other nodes that this one knows of, in all rooms together that <see cref="RoomOptions.SharesPresence"/>; who comes beyond is missing from <see cref="Room.Presence"/>, which is logged, and is
    /// known when a quarter of it is free again. Each is kept with its info, of 4 KiB at most. Default 100,000. Range: from 1.
    /// </summary>
    public int MaxPresenceCount { get; set => field = InRange(value, 1, int.MaxValue); } = 100_000;

    /// <summary>How long nodes that live are waited for when they are asked for members. Default 1 s. Range: 1 ms to an hour.</summary>
    public TimeSpan CountTimeout { get; set => field = InRange(value); } = TimeSpan.FromSeconds(1);

    /// <summary>Where it logs to, under the category <c>RawWs.Redis</c>. Default: nowhere.</summary>
    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    internal RedisBackplaneOptions Clone() => (RedisBackplaneOptions)MemberwiseClone();

    private static TimeSpan InRange(TimeSpan value, [CallerMemberName] string? name = null)
        => value >= TimeSpan.FromMilliseconds(1) && value <= TimeSpan.FromHours(1) ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is 1 ms to an hour.");

    private static int InRange(int value, int min, int max, [CallerMemberName] string? name = null)
        => value >= min && value <= max ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is {min} to {max}.");
}
