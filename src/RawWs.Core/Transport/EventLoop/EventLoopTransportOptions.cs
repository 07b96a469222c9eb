using System.Runtime.CompilerServices;

namespace RawWs.Transport;

/// <summary>What can be set on an <see cref="EventLoopTransport"/>.</summary>
/// <remarks>Setters throw an <see cref="ArgumentOutOfRangeException"/>.</remarks>
public sealed record EventLoopTransportOptions
{
    /// <summary>
    /// How many loops there are, each a thread. Default: one for each processor that the process may use. Range: 1–1024. Lower it where other work needs
    /// the processors.
    /// </summary>
    public int LoopCount { get; init => field = InRange(value, 1, 1024); } = Environment.ProcessorCount;

    /// <summary>
    /// Whether sessions run on the loops. Default: yes, which saves a change of threads for each message, and lets replies that are written together leave
    /// together. But a session that blocks or computes for long keeps all connections of its loop waiting, their pings and deadlines too: where sessions do, switch it off, and they run on
    /// the thread pool.
    /// </summary>
    public bool RunsSessionsInline { get; init; } = true;

    /// <summary>
    /// How long a loop may be kept by one turn until that is counted (<c>rawws.loop.stalls</c>) and logged; found after twice that time at most.
    /// Default 500 ms. Range: 10 ms to a day.
    /// </summary>
    public TimeSpan StallTimeout { get; init => field = InRange(value, TimeSpan.FromMilliseconds(10), TimeSpan.FromDays(1)); } = TimeSpan.FromMilliseconds(500);

    private static T InRange<T>(T value, T min, T max, [CallerMemberName] string name = "")
        where T : IComparable<T>
        => value.CompareTo(min) >= 0 && value.CompareTo(max) <= 0
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} must be between {min} and {max}.");
}
