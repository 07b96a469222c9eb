using RawWs.Testing;

namespace RawWs.Hosting.Tests;

public sealed class PublicApiTests
{
    [Fact]
    public void The_public_surface_of_hosting_is_what_PublicApi_txt_says()
    {
        var (expected, actual) = PublicSurface.Compare(typeof(RawWsBuilder).Assembly, "RawWs.Hosting");

        Assert.Equal(expected, actual);
    }
}
