using System.Net;
using System.Net.Sockets;
using RawWs.Hosting.Configuration;

namespace RawWs.Hosting.Tests.Configuration;

public sealed class EndPointNamesTests
{
    [Theory]
    [InlineData("127.0.0.1:3000")]
    [InlineData("http://127.0.0.1:3000")]
    [InlineData("http://127.0.0.1:3000/")]
    [InlineData("WS://127.0.0.1:3000")]
    public void An_address_has_a_port_and_may_have_a_scheme(string name)
        => Assert.Equal([new IPEndPoint(IPAddress.Loopback, 3000)], EndPointNames.Resolve(name));

    [Fact]
    public void An_IPv6_address_is_in_brackets()
        => Assert.Equal([new IPEndPoint(IPAddress.IPv6Loopback, 3000)], EndPointNames.Resolve("http://[::1]:3000"));

    [Fact]
    public void Localhost_is_this_machine_in_each_family_that_it_has()
    {
        var endPoints = EndPointNames.Resolve("http://localhost:3000").Cast<IPEndPoint>().ToList();

        Assert.Equal(IPAddress.Loopback, endPoints[0].Address);
        Assert.All(endPoints, endPoint => Assert.True(IPAddress.IsLoopback(endPoint.Address)));
        Assert.All(endPoints, endPoint => Assert.Equal(3000, endPoint.Port));
    }

    [Theory]
    [InlineData("*:0")]
    [InlineData("http://+:0")]
    public void An_asterisk_is_any_address(string name)
        => Assert.Equal([new IPEndPoint(Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, 0)], EndPointNames.Resolve(name));

    [Fact]
    public void A_Unix_socket_has_a_path()
        => Assert.Equal("/run/chat.sock", Assert.IsType<UnixDomainSocketEndPoint>(Assert.Single(EndPointNames.Resolve("unix:/run/chat.sock"))).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("3000")]
    [InlineData("127.0.0.1")]
    [InlineData("127.1:3000")]
    [InlineData("127.0.0.1:65536")]
    [InlineData("127.0.0.1:-1")]
    [InlineData("127.0.0.1: 1")]
    [InlineData("127.0.0.1:3000/chat")]
    [InlineData("::1:3000")]
    [InlineData("[127.0.0.1]:3000")]
    [InlineData("example.com:3000")]
    [InlineData("ftp://127.0.0.1:3000")]
    [InlineData("https://127.0.0.1:3000")]
    [InlineData("localhost:0")]
    [InlineData("unix:")]
    public void Anything_else_is_refused(string name)
        => Assert.Contains($"'{name}'", Assert.Throws<SettingException>(() => EndPointNames.Resolve(name).ToList()).Message, StringComparison.Ordinal);
}
