namespace RawWs.Connections;

/// <summary>What is left of a <see cref="RateLimit"/>. A new one is full. Whole numbers only: nothing is lost to rounding, however often it is refilled.</summary>
/// <remarks>Not thread-safe. Time is in ticks of 100 ns.</remarks>
internal struct TokenBucket
{
    private const long MaxCredit = RateLimit.MaxValue * TimeSpan.TicksPerSecond;

    // To the brim, in tokens of which each is a second's worth of ticks; so that an elapsed tick is worth PerSecond of them. Negative after a credit.
    private long _missing;

    /// <summary>Fills in what <paramref name="elapsed"/> is worth, up to the brim.</summary>
    public void Refill(in RateLimit limit, long elapsed)
    {
        // Divided, because the product may not fit.
        if (_missing > 0 && elapsed > 0)
            _missing = elapsed > _missing / limit.PerSecond ? 0 : _missing - (elapsed * limit.PerSecond);
    }

    /// <summary>Fills in what <paramref name="elapsed"/> is worth, over the brim if need be.</summary>
    public void Credit(in RateLimit limit, long elapsed)
    {
        if (elapsed > 0)
            _missing = Math.Max(-MaxCredit, _missing - (elapsed > MaxCredit / limit.PerSecond ? MaxCredit : elapsed * limit.PerSecond));
    }

    /// <summary>Takes away what is over the brim.</summary>
    public void Level() => _missing = Math.Max(0, _missing);

    /// <summary>Takes <paramref name="count"/> tokens, or none if there are not so many.</summary>
    public bool TryTake(in RateLimit limit, long count = 1)
    {
        if (count > RateLimit.MaxValue || (count * TimeSpan.TicksPerSecond) + _missing > limit.Burst * TimeSpan.TicksPerSecond)
            return false;

        _missing += count * TimeSpan.TicksPerSecond;
        return true;
    }
}
