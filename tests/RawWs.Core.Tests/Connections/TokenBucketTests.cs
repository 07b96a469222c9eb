using RawWs.Connections;

namespace RawWs.Tests.Connections;

public sealed class TokenBucketTests
{
    private const long Second = TimeSpan.TicksPerSecond;

    [Theory]
    [InlineData(0, 5)]
    [InlineData(-1, 5)]
    [InlineData(5, 0)]
    [InlineData(5, -1)]
    [InlineData(RateLimit.MaxValue + 1, 5)]
    [InlineData(5, RateLimit.MaxValue + 1)]
    public void A_limit_that_allows_nothing_or_cannot_be_counted_is_none(long perSecond, long burst)
        => Assert.Throws<ArgumentOutOfRangeException>(() => new RateLimit(perSecond, burst));

    [Fact]
    public void A_limit_stays_valid_when_it_is_copied()
    {
        var limit = new RateLimit(1, RateLimit.MaxValue) with { PerSecond = RateLimit.MaxValue };
        Assert.Equal(new RateLimit(RateLimit.MaxValue, RateLimit.MaxValue), limit);
        Assert.Throws<ArgumentOutOfRangeException>(() => limit with { Burst = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => limit with { PerSecond = 0 });
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(RateLimit.MaxValue)]
    public void A_new_bucket_is_full(long burst)
    {
        var limit = new RateLimit(1, burst);
        var bucket = new TokenBucket();

        Assert.False(bucket.TryTake(limit, burst + 1));
        Assert.True(bucket.TryTake(limit, burst - 1));
        Assert.True(bucket.TryTake(limit));
        Assert.False(bucket.TryTake(limit));
    }

    // A third of a second gives a token not a tick earlier and not a tick later.
    [Fact]
    public void It_is_refilled_to_the_tick()
    {
        var limit = new RateLimit(3, 1);
        var bucket = new TokenBucket();
        Assert.True(bucket.TryTake(limit));

        bucket.Refill(limit, 3_333_333);
        Assert.False(bucket.TryTake(limit));
        bucket.Refill(limit, 1);
        Assert.True(bucket.TryTake(limit));
    }

    [Fact]
    public void Refilling_in_small_steps_gives_what_one_step_gives()
    {
        var limit = new RateLimit(7, 100);
        var bucket = new TokenBucket();
        Assert.True(bucket.TryTake(limit, 100));

        for (var tick = 0; tick < Second - 1; tick += 1)
            bucket.Refill(limit, 1);

        Assert.False(bucket.TryTake(limit, 7));
        bucket.Refill(limit, 1);
        Assert.True(bucket.TryTake(limit, 7));
        Assert.False(bucket.TryTake(limit));
    }

    [Fact]
    public void It_is_never_more_than_full()
    {
        foreach (var limit in new[] { new RateLimit(10, 5), new RateLimit(RateLimit.MaxValue, 5), new RateLimit(1, RateLimit.MaxValue), new RateLimit(RateLimit.MaxValue, RateLimit.MaxValue) })
        {
            var bucket = new TokenBucket();
            Assert.True(bucket.TryTake(limit, 1));
            bucket.Refill(limit, long.MaxValue);
            Assert.True(bucket.TryTake(limit, limit.Burst));
            Assert.False(bucket.TryTake(limit));
        }
    }

    [Fact]
    public void A_credit_may_be_more_than_full_and_stays_until_it_is_levelled()
    {
        var limit = new RateLimit(10, 5);
        var bucket = new TokenBucket();
        bucket.Credit(limit, 2 * Second);
        bucket.Refill(limit, Second);
        Assert.True(bucket.TryTake(limit, 24));
        Assert.True(bucket.TryTake(limit, 1));
        Assert.False(bucket.TryTake(limit, 1));

        bucket.Credit(limit, 2 * Second);
        bucket.Level();
        Assert.True(bucket.TryTake(limit, 5));
        Assert.False(bucket.TryTake(limit, 1));
        bucket.Level();
        Assert.False(bucket.TryTake(limit, 1));
    }

    [Fact]
    public void The_largest_numbers_do_not_overflow()
    {
        foreach (var limit in new[] { new RateLimit(RateLimit.MaxValue, RateLimit.MaxValue), new RateLimit(1, RateLimit.MaxValue), new RateLimit(RateLimit.MaxValue, 1) })
        {
            var bucket = new TokenBucket();
            for (var count = 0; count < 20; count++)
                bucket.Credit(limit, long.MaxValue);

            Assert.False(bucket.TryTake(limit, long.MaxValue));
            Assert.True(bucket.TryTake(limit, RateLimit.MaxValue));
            Assert.True(bucket.TryTake(limit));
        }
    }

    [Fact]
    public void A_clock_that_goes_back_takes_nothing_away()
    {
        var limit = new RateLimit(10, 5);
        var bucket = new TokenBucket();
        bucket.Refill(limit, -Second);
        bucket.Credit(limit, -Second);
        Assert.True(bucket.TryTake(limit, 5));
        bucket.Refill(limit, -Second);
        bucket.Refill(limit, Second / 10);
        Assert.True(bucket.TryTake(limit));
    }
}
