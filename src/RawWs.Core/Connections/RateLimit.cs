using System.Runtime.CompilerServices;

namespace RawWs;

/// <summary>
/// How often something may happen: a bucket of <see cref="Burst"/> tokens that is full at first, is refilled with <see cref="PerSecond"/> tokens a second, and
/// from which each event takes one.
/// </summary>
/// <remarks>
/// What happens evenly arrives in bunches, after a pause of the network or of a program: allow for a second's worth at least, better several. The value of
/// <see langword="default"/> allows nothing, and no option takes it.
/// </remarks>
public readonly record struct RateLimit
{
    /// <summary>The largest value of either number: 100 billion.</summary>
    internal const long MaxValue = 100_000_000_000;

    /// <summary>Makes a limit.</summary>
    /// <param name="perSecond">How many in the long run. 1 to 100 billion.</param>
    /// <param name="burst">How many at once. 1 to 100 billion.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of them is out of its range.</exception>
    public RateLimit(long perSecond, long burst) => (PerSecond, Burst) = (perSecond, burst);

    /// <summary>How many in the long run. 1 to 100 billion.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of its range.</exception>
    public long PerSecond { get; init => field = InRange(value); }

    /// <summary>How many at once. 1 to 100 billion.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is out of its range.</exception>
    public long Burst { get; init => field = InRange(value); }

    private static long InRange(long value, [CallerMemberName] string? name = null)
        => value is >= 1 and <= MaxValue ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is 1 to {MaxValue}.");
}
