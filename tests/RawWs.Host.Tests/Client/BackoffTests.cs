namespace RawWs.Host.Tests;

public class BackoffTests
{
    [Fact]
    public void Waits_double_up_to_half_a_minute_and_begin_again()
    {
        var backoff = new Backoff();

        foreach (var longest in (double[])[0.5, 1, 2, 4, 8, 16, 30, 30])
            Assert.InRange(backoff.Next().TotalSeconds, longest / 2, longest);

        backoff.Reset();
        Assert.InRange(backoff.Next().TotalSeconds, 0.25, 0.5);
    }

    [Fact]
    public void Those_who_wait_for_the_same_do_not_come_back_together()
        => Assert.True(Enumerable.Range(0, 100).Select(_ => new Backoff().Next()).Distinct().Count() > 10);
}
