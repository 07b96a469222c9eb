using System.Net;
using System.Net.Sockets;
using RawWs.Redis.Client;
using RawWs.Testing;

namespace RawWs.Redis.Tests.Client;

/// <summary>The way to a name that has several addresses, some of which lead nowhere.</summary>
public sealed class RedisSocketTests
{
    // Nobody else is there.
    private static readonly IPAddress First = IPAddress.Parse("127.0.0.2"), Second = IPAddress.Parse("127.0.0.3");

    [Fact]
    public async Task An_address_where_nobody_answers_leaves_time_for_the_one_behind_it()
    {
        using var server = Listen(new IPEndPoint(Second, 0));
        var port = ((IPEndPoint)server.LocalEndPoint!).Port; // It is bound.
        using var silent = Listen(new IPEndPoint(First, port), backlog: 0);
        using var full = new TcpClient();
        await full.ConnectAsync(First, port, TestContext.Current.CancellationToken);

        // There is room for one that nobody has accepted: whoever else comes hears nothing at all.
        var time = new ManualTimeProvider();
        var options = new RedisOptions { Port = port, ConnectTimeout = TimeSpan.FromSeconds(10), TimeProvider = time };
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, time);
        var connecting = RedisSocket.ConnectToAnyAsync(options, [First, Second], timeout.Token);
        Assert.False(connecting.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(5));

        using var socket = await connecting.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.Equal(Second, ((IPEndPoint)socket.RemoteEndPoint!).Address); // It is connected.
    }

    [Fact]
    public async Task An_address_that_refuses_is_not_waited_for_and_the_last_one_says_why_there_is_none()
    {
        using var server = Listen(new IPEndPoint(Second, 0));
        var options = new RedisOptions { Port = ((IPEndPoint)server.LocalEndPoint!).Port, TimeProvider = new ManualTimeProvider() }; // It is bound.
        var nowhere = IPAddress.Parse("127.0.0.4");

        using var socket = await RedisSocket.ConnectToAnyAsync(options, [nowhere, Second], CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        var refused = await Assert.ThrowsAsync<SocketException>(() => RedisSocket.ConnectToAnyAsync(options, [nowhere, nowhere], CancellationToken.None));
        var none = await Assert.ThrowsAsync<SocketException>(() => RedisSocket.ConnectToAnyAsync(options, [], CancellationToken.None));

        Assert.Equal(Second, ((IPEndPoint)socket.RemoteEndPoint!).Address); // It is connected.
        Assert.Equal((SocketError.ConnectionRefused, SocketError.NoData), (refused.SocketErrorCode, none.SocketErrorCode));
    }

    private static Socket Listen(IPEndPoint endPoint, int backlog = 10)
    {
        var listener = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(endPoint);
        listener.Listen(backlog);
        return listener;
    }
}
