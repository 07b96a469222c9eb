using System.Net;
using System.Net.NetworkInformation;
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
        Assert.Equal(HasIPv6Loopback(), endPoints.Any(endPoint => endPoint.Address.Equals(IPAddress.IPv6Loopback)));
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

    [Fact]
    public void The_path_of_a_Unix_socket_is_whole_whatever_folder_is_worked_in_later()
        => Assert.Equal(Path.GetFullPath("chat.sock"), Assert.Single(EndPointNames.Resolve("unix:chat.sock")).ToString());

    [Fact]
    public void The_path_of_a_Unix_socket_is_about_100_characters_at_most()
    {
        var name = "unix:/" + new string('a', 200);

        Assert.Equal(
            $"'{name}' needs the path of a file, of about 100 characters at most with its folders.",
            Assert.Throws<SettingException>(() => EndPointNames.Resolve(name).ToList()).Message);
    }

    [Theory]
    [InlineData("https://127.0.0.1:3000", "'https://127.0.0.1:3000' asks for TLS, which is for all end points and set in code: WebSocketServerOptions.Tls.")]
    [InlineData("WSS://*:3000", "'WSS://*:3000' asks for TLS, which is for all end points and set in code: WebSocketServerOptions.Tls.")]
    [InlineData("localhost:0", "'localhost:0' would be two ports, one for each address family; write 127.0.0.1:0.")]
    [InlineData("ftp://127.0.0.1:21", "'ftp://127.0.0.1:21' is not an address and a port such as 127.0.0.1:3000, http://localhost:3000 or *:3000, or unix:/path.")]
    public void What_is_refused_says_what_to_do_instead(string name, string message)
        => Assert.Equal(message, Assert.Throws<SettingException>(() => EndPointNames.Resolve(name).ToList()).Message);

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

    private static bool HasIPv6Loopback()
        => NetworkInterface.GetAllNetworkInterfaces().SelectMany(network => network.GetIPProperties().UnicastAddresses).Any(one => one.Address.Equals(IPAddress.IPv6Loopback));
}
