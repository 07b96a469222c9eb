namespace RawWs.Host.Tests;

public class NearestNameTests
{
    [Theory]
    [InlineData("prot", "port")]
    [InlineData("max-romms", "max-rooms")]
    [InlineData("hosts", "host")]
    [InlineData("", "host")]
    [InlineData("max_queue_size", "max-queue-size")]
    public void The_nearest_takes_the_fewest_changes(string name, string expected)
        => Assert.Equal(expected, NearestName.Of(name, ["host", "port", "max-rooms", "max-queue-size", "max-queue-count"]));
}
