namespace RawWs.Host.Tests;

public sealed class RecentMessagesTests
{
    [Fact]
    public void What_was_said_is_known_until_it_is_too_long_ago()
    {
        var recent = new RecentMessages(capacity: 2);

        Assert.True(recent.TryAdd("a", "1"));
        Assert.True(recent.TryAdd("b", "1"));
        Assert.False(recent.TryAdd("a", "1"));

        // The third makes the first forgotten, and not the second.
        Assert.True(recent.TryAdd("a", "2"));
        Assert.False(recent.TryAdd("b", "1"));
        Assert.True(recent.TryAdd("a", "1"));
    }
}
