using RawWs.Testing;

namespace RawWs.SocketIO.Tests.Architecture;

public sealed class PublicApiTests
{
    [Fact]
    public void The_public_surface_of_SocketIO_is_what_PublicApi_txt_says()
    {
        var (expected, actual) = PublicSurface.Compare(typeof(SocketIOServer).Assembly, "RawWs.SocketIO");

        Assert.Equal(expected, actual);
    }
}
