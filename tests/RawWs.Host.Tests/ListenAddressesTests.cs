using System.Net;
using System.Net.Sockets;

namespace RawWs.Host.Tests;

public class ListenAddressesTests
{
    [Theory]
    [InlineData("localhost")]
    [InlineData("*")]
    [InlineData("127.0.0.1")]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("[::1]")]
    [InlineData("2001:db8::1")]
    public void A_host_is_localhost_a_star_or_an_address(string host) => Assert.True(ListenAddresses.IsHost(host));

    [Theory]
    [InlineData("")]
    [InlineData("example.org")]
    [InlineData("Localhost")]
    [InlineData("1")]
    [InlineData("127.1")]
    [InlineData("127.0.0.01")]
    [InlineData("127.0.0.1:80")]
    [InlineData("[::1]:80")]
    [InlineData("256.0.0.1")]
    public void A_name_a_short_address_or_one_with_a_port_is_no_host(string host) => Assert.False(ListenAddresses.IsHost(host));

    [Fact]
    public void Localhost_is_the_loopback_address_of_each_family_that_the_machine_has()
    {
        IPAddress[] expected = ListenAddresses.FindFreePort(IPAddress.IPv6Loopback) is null
            ? [IPAddress.Loopback]
            : [IPAddress.Loopback, IPAddress.IPv6Loopback];

        Assert.Equal(expected, ListenAddresses.Resolve(["localhost"]));
    }

    [Fact]
    public void An_address_that_is_named_twice_is_listened_on_once()
        => Assert.Single(ListenAddresses.Resolve(["127.0.0.1", "127.0.0.1"]));

    [Fact]
    public void A_star_takes_in_all_other_hosts()
    {
        var any = Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any;

        Assert.Equal([any], ListenAddresses.Resolve(["127.0.0.1", "*", "localhost"]));
    }

    [Theory]
    [InlineData("::", "::")]
    [InlineData("::", "0.0.0.0", "::")]
    [InlineData("::", "[::]", "127.0.0.1", "*")]
    [InlineData("0.0.0.0", "127.0.0.1", "0.0.0.0", "192.0.2.1")]
    [InlineData("::1 0.0.0.0 2001:db8::1", "::1", "0.0.0.0", "2001:db8::1")]
    public void An_any_address_takes_in_what_it_stands_for(string expected, params string[] hosts)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6, "This machine has no IPv6, and :: stands for any IPv4 address.");

        Assert.Equal(expected, string.Join(' ', ListenAddresses.Resolve(hosts)));
    }

    [Fact]
    public async Task It_listens_on_any_address_however_often_that_is_said()
    {
        await using var rawws = await RawwsProcess.StartAsync("--port", "0", "--host", "0.0.0.0", "--host", "::", "--host", "127.0.0.1");
        using var client = await rawws.ConnectAsync(new UriBuilder(rawws.Url) { Host = "127.0.0.1" }.Uri);

        await client.AssertEchoAsync("hello", rawws.Deadline);
    }

    // 192.0.2.0/24 is for documentation (RFC 5737): nobody has it.
    [Fact]
    public void An_address_of_another_machine_has_no_free_port()
        => Assert.Null(ListenAddresses.FindFreePort(IPAddress.Parse("192.0.2.1")));
}
