using RawWs.Testing;

namespace RawWs.Redis.Tests.Architecture;

public sealed class PublicApiTests
{
    [Fact]
    public void The_public_surface_of_Redis_is_what_PublicApi_txt_says()
    {
        var (expected, actual) = PublicSurface.Compare(typeof(RedisClient).Assembly, "RawWs.Redis");

        Assert.Equal(expected, actual);
    }
}
