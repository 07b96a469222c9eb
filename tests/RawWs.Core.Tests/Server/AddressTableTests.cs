using System.Net;
using System.Net.Sockets;
using RawWs.Server;

namespace RawWs.Tests.Server;

public sealed class AddressTableTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("::ffff:192.0.2.1", "::ffff:192.0.2.2", false)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("2001:db8:1:2::1%1", "2001:db8:1:2::1%2", true)]
    [InlineData("::1", "0.0.0.0", false)]
    [InlineData("::", "0.0.0.0", false)]
    public void Addresses_count_as_one_if_one_client_has_them_all(string first, string second, bool areOne)
        => Assert.Equal(areOne, AddressKey.Of(new IPEndPoint(IPAddress.Parse(first), 1)) == AddressKey.Of(new IPEndPoint(IPAddress.Parse(second), 2)));

    [Fact]
    public void What_has_no_address_has_no_key()
    {
        Assert.Null(AddressKey.Of(null));
        Assert.Null(AddressKey.Of(new UnixDomainSocketEndPoint("/tmp/nowhere")));
        Assert.Null(AddressKey.Of(new DnsEndPoint("example.org", 80)));
    }

    [Fact]
    public void It_counts()
    {
        var table = new AddressTable();
        var (one, other) = (new AddressKey(1, true), new AddressKey(1, false));
        table.Add(one);
        table.Add(one);
        table.Add(other);
        Assert.Equal((2, 1, 2), (table.CountOf(one), table.CountOf(other), table.Count));

        table.Remove(one);
        table.Remove(other);
        Assert.Equal((1, 0, 1), (table.CountOf(one), table.CountOf(other), table.Count));
    }

    // Whoever comes once from each of a million addresses leaves nothing behind.
    [Fact]
    public void Its_memory_goes_when_the_connections_go()
    {
        var table = new AddressTable();
        for (var round = 0; round < 3; round++)
        {
            for (ulong address = 0; address < 100_000; address++)
                table.Add(new AddressKey(address, true));

            Assert.True(table.Capacity >= 100_000);
            for (ulong address = 0; address < 90_000; address++)
                table.Remove(new AddressKey(address, true));

            Assert.InRange(table.Capacity, 10_000, 50_000);
            for (ulong address = 90_000; address < 100_000; address++)
                table.Remove(new AddressKey(address, true));

            Assert.Equal(0, table.Count);
            Assert.InRange(table.Capacity, 0, 100);
        }
    }
}
