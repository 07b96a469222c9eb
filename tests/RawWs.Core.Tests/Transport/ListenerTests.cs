using System.Net;
using System.Net.Sockets;
using RawWs.Transport;

namespace RawWs.Tests.Transport;

/// <summary>Listeners on sockets without a server, over every transport.</summary>
public abstract partial class ListenerTests
{
    [Fact]
    public async Task Disposing_ends_the_accept_that_waits()
    {
        var listener = Listen(new IPEndPoint(IPAddress.Loopback, 0));
        var accept = listener.AcceptAsync().AsTask();

        await listener.DisposeAsync();

        Assert.Null(await accept.WaitAsync(SocketPair.LongestWait));
        Assert.Null(await listener.AcceptAsync());
        await listener.DisposeAsync();
    }

    [Fact]
    public async Task Disposing_between_two_accepts_ends_the_accepting_and_leaves_connections_alone()
    {
        await using var listener = Listen(new IPEndPoint(IPAddress.Loopback, 0));
        using var client = await ConnectAsync(listener.EndPoint);
        await using var connection = await AcceptAsync(listener);

        await listener.DisposeAsync();

        Assert.Null(await listener.AcceptAsync());
        await AssertCarriesAsync(client, connection);
        await Assert.ThrowsAnyAsync<SocketException>(() => ConnectAsync(listener.EndPoint));
    }

    // More than are accepted in one go.
    [Fact]
    public async Task All_who_wait_are_accepted_in_their_order_and_each_knows_both_ends()
    {
        await using var listener = Listen(new IPEndPoint(IPAddress.Loopback, 0));
        for (var round = 0; round < 2; round++)
        {
            var clients = new List<Socket>();
            for (var count = 0; count < 200; count++)
                clients.Add(await ConnectAsync(listener.EndPoint));

            foreach (var client in clients)
            {
                await using var connection = await AcceptAsync(listener);
                Assert.Equal(client.LocalEndPoint, connection.RemoteEndPoint);
                Assert.Equal(client.RemoteEndPoint, connection.LocalEndPoint);
                client.Dispose();
            }
        }
    }

    [Theory]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("0.0.0.0", "127.0.0.2")]
    [InlineData("::1", "::1")]
    [InlineData("::", "::1")]
    [InlineData("::", "127.0.0.1")]
    public async Task Ends_are_known_whatever_address_is_listened_on(string listen, string connect)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6 || !listen.Contains(':', StringComparison.Ordinal), "This machine has no IPv6.");
        await using var listener = Listen(new IPEndPoint(IPAddress.Parse(listen), 0));
        using var client = await ConnectAsync(new IPEndPoint(IPAddress.Parse(connect), ((IPEndPoint)listener.EndPoint).Port));
        await using var connection = await AcceptAsync(listener);

        Assert.Equal(client.LocalEndPoint, Unmapped(connection.RemoteEndPoint));
        Assert.Equal(client.RemoteEndPoint, Unmapped(connection.LocalEndPoint));
        await AssertCarriesAsync(client, connection);
    }

    [Fact]
    public async Task Ends_of_Unix_sockets_are_known_if_they_have_names()
    {
        using var folder = new TemporaryFolder();
        await using var listener = Listen(new UnixDomainSocketEndPoint(folder.PathOf("server")));
        foreach (var name in (string?[])[null, folder.PathOf("client")])
        {
            using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            if (name is not null)
                client.Bind(new UnixDomainSocketEndPoint(name));

            await client.ConnectAsync(listener.EndPoint);
            await using var connection = await AcceptAsync(listener);

            Assert.Equal(listener.EndPoint.ToString(), Assert.IsType<UnixDomainSocketEndPoint>(connection.LocalEndPoint).ToString());
            Assert.Equal(name ?? "", Assert.IsType<UnixDomainSocketEndPoint>(connection.RemoteEndPoint).ToString());
            await AssertCarriesAsync(client, connection);
        }
    }

    [Fact]
    public async Task Who_was_reset_while_waiting_does_not_keep_the_next()
    {
        await using var listener = Listen(new IPEndPoint(IPAddress.Loopback, 0));
        for (var count = 0; count < 150; count++)
        {
            using var gone = await ConnectAsync(listener.EndPoint);
            gone.LingerState = new LingerOption(enable: true, seconds: 0);
        }

        using var client = await ConnectAsync(listener.EndPoint);
        while (true)
        {
            await using var connection = await AcceptAsync(listener);
            if (!client.LocalEndPoint!.Equals(connection.RemoteEndPoint))
                continue;

            await AssertCarriesAsync(client, connection);
            return;
        }
    }

    /// <summary>Begins to listen, with a backlog of 512.</summary>
    private protected abstract ITransportListener Listen(EndPoint endPoint);

    private protected static SocketTransportOptions NewOptions() => new(Backlog: 512, UnacknowledgedTimeout: TimeSpan.FromSeconds(30));

    private protected static async Task<TransportConnection> AcceptAsync(ITransportListener listener)
    {
        var connection = await listener.AcceptAsync().AsTask().WaitAsync(SocketPair.LongestWait);
        Assert.NotNull(connection);
        return connection;
    }

    private protected static async Task<Socket> ConnectAsync(EndPoint endPoint)
    {
        var client = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await client.ConnectAsync(endPoint);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    private static async Task AssertCarriesAsync(Socket client, TransportConnection connection)
    {
        await client.SendAsync("in"u8.ToArray());
        var result = await connection.Input.ReadAsync().AsTask().WaitAsync(SocketPair.LongestWait);
        Assert.Equal("in"u8, result.Buffer.FirstSpan);
        connection.Input.AdvanceTo(result.Buffer.End);

        await connection.Output.WriteAsync("out"u8.ToArray());
        var received = new byte[8];
        var length = await client.ReceiveAsync(received).WaitAsync(SocketPair.LongestWait);
        Assert.Equal("out"u8, received.AsSpan(0, length));
    }

    private static EndPoint? Unmapped(EndPoint? endPoint)
        => endPoint is IPEndPoint { Address: { IsIPv4MappedToIPv6: true } address, Port: var port } ? new IPEndPoint(address.MapToIPv4(), port) : endPoint;
}
