using RawWs.Redis.Client;

namespace RawWs.Redis.Tests.Client;

/// <summary>How many entries of a stream are asked for, by the size of those that came.</summary>
public sealed class PageLengthTests
{
    private const int Large = 8 << 20;

    [Fact]
    public void Small_entries_are_read_twice_as_many_at_once_each_time_up_to_a_number()
    {
        var page = new PageLength(longest: 5, maxReplySize: int.MaxValue, isShortAtFirst: true);
        int[] lengths = [page.Current, .. Enumerable.Range(0, 4).Select(_ => After(page, 10))];

        Assert.Equal([1, 2, 4, 5, 5], lengths);
    }

    [Theory]
    [InlineData(9_999, 2)]
    [InlineData(10_000, 1)]
    public void No_more_are_read_when_an_answer_has_an_eighth_of_what_it_may_have(int size, int length)
        => Assert.Equal(length, After(new PageLength(longest: 5, maxReplySize: 80_000, isShortAtFirst: true), size));

    [Fact]
    public void Large_entries_are_read_half_as_many_at_once_each_time_and_one_in_any_case()
    {
        var page = new PageLength(longest: 4, maxReplySize: int.MaxValue);

        Assert.Equal(4, After(page, Large));
        Assert.Equal(2, After(page, Large + 1));
        Assert.Equal(1, After(page, Large + 1));
        Assert.Equal(1, After(page, Large + 1));
    }

    private static int After(PageLength page, int size)
    {
        page.Adapt([new RedisStreamEntry("1-0", ["p"u8.ToArray(), new byte[size - 1]])]);
        return page.Current;
    }
}
