using RawWs.Testing;

namespace RawWs.Tests.Architecture;

public sealed class PublicApiTests
{
    [Fact]
    public void The_public_surface_of_core_is_what_PublicApi_txt_says()
    {
        var (expected, actual) = PublicSurface.Compare(typeof(WebSocketServer).Assembly, "RawWs.Core");

        Assert.Equal(expected, actual);
    }
}
