using RawWs.Connections;

namespace RawWs.Tests.Connections;

public sealed class BiasedLockTests
{
    private readonly Guarded _guarded = new();
    private readonly ManualTurns _home = new();

    [Fact]
    public void The_home_earns_the_bias_by_taking_the_lock_some_dozen_times()
    {
        _home.Take(() => Take(BiasedLock.FirstEarnedAfter - 1));
        Assert.False(_guarded.IsBiased);

        _home.Take(() => Take(1));
        Assert.True(_guarded.IsBiased);
    }

    [Fact]
    public void Whoever_else_takes_it_ends_the_bias_and_has_the_home_earn_it_anew_with_four_times_as_many_up_to_the_most()
    {
        _home.Take(() => Take(BiasedLock.FirstEarnedAfter));
        int[] prices = [4 * BiasedLock.FirstEarnedAfter, BiasedLock.MaxEarnedAfter, BiasedLock.MaxEarnedAfter];
        foreach (var price in prices)
        {
            Take(1);
            Assert.False(_guarded.IsBiased);

            // Again from the start, for others have it in between.
            _home.Take(() => Take(price - 1));
            Take(1);
            _home.Take(() => Take(price - 1));
            Assert.False(_guarded.IsBiased);

            _home.Take(() => Take(1));
            Assert.True(_guarded.IsBiased);
        }
    }

    [Fact]
    public void Without_a_home_it_is_an_ordinary_lock()
    {
        for (var count = 0; count < 2 * BiasedLock.MaxEarnedAfter; count++)
        {
            using var scope = _guarded.Enter(null);
            Assert.False(scope.IsAtHome);
        }

        Assert.False(_guarded.IsBiased);
    }

    [Fact]
    public void It_tells_whether_it_was_taken_at_home_biased_or_not()
    {
        for (var time = 0; time < 2; time++)
        {
            _home.Take(() =>
            {
                using var scope = _guarded.Enter(_home);
                Assert.True(scope.IsAtHome);
            });
            _home.Take(() => Take(BiasedLock.MaxEarnedAfter));
        }

        using var elsewhere = _guarded.Enter(_home);
        Assert.False(elsewhere.IsAtHome);
    }

    [Theory]
    [InlineData(0)] // Never biased.
    [InlineData(BiasedLock.FirstEarnedAfter - 1)] // Biased while it is had.
    [InlineData(BiasedLock.FirstEarnedAfter)] // Biased before.
    public async Task Whoever_has_it_may_take_it_again_and_nobody_else_has_it_before_all_of_that_is_given_back(int takenBefore)
    {
        var other = Task.CompletedTask;
        _home.Take(() =>
        {
            Take(takenBefore);
            using (_guarded.Enter(_home))
            {
                using (_guarded.Enter(_home))
                using (_guarded.Enter(_home))
                    other = TakeElsewhere();

                using (_guarded.Enter(_home))
                    Assert.False(other.IsCompleted);
            }
        });

        await other;
    }

    [Fact]
    public async Task Whoever_ends_the_bias_waits_until_the_home_has_given_the_lock_back()
    {
        var isHeld = false;
        var other = Task.FromResult(true);
        _home.Take(() =>
        {
            Take(BiasedLock.MaxEarnedAfter);
            using (_guarded.Enter(_home))
            {
                isHeld = true;
                other = Task.Run(() =>
                {
                    using (_guarded.Enter(_home))
                        return isHeld;
                });

                // From here on the other one waits for nothing but us.
                SpinWait.SpinUntil(() => !_guarded.IsBiased);
                Assert.False(other.IsCompleted);
                isHeld = false;
            }
        });

        Assert.False(await other);
    }

    [Fact]
    public async Task Nobody_has_it_while_another_does_however_often_the_bias_comes_and_goes()
    {
        const int Rounds = 300;
        var isOver = false;
        var atHome = 0;
        var home = Task.Run(() => _home.Take(() =>
        {
            for (; !Volatile.Read(ref isOver); atHome++)
                Take(1);
        }));

        for (var round = 0; round < Rounds; round++)
        {
            // Each of them is to find the home in the midst of it.
            while (!_guarded.IsBiased)
                Thread.SpinWait(10);

            Take(1);
        }

        Volatile.Write(ref isOver, true);
        await home;

        Assert.Equal(atHome + Rounds, _guarded.Count);
    }

    private Task TakeElsewhere() => Task.Run(() => Take(1));

    private void Take(int count)
    {
        for (; count > 0; count--)
        {
            using (_guarded.Enter(_home))
                _guarded.Count++;
        }
    }

    private sealed class Guarded : BiasedLock
    {
        public int Count;
    }
}
