using System.Net;
using System.Net.Sockets;
using RawWs.Testing;

namespace RawWs.Tests.Transport;

/// <summary>Servers on sockets, over every transport.</summary>
public abstract class TransportTests : LoopbackTests
{
    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("::1", "::1")]
    [InlineData("::", "::1")]
    [InlineData("::", "127.0.0.1")]
    public async Task A_server_is_reached_over_either_family(string listen, string connect)
    {
        Assert.SkipUnless(Socket.OSSupportsIPv6 || !listen.Contains(':', StringComparison.Ordinal), "This machine has no IPv6.");
        var seen = new TaskCompletionSource<WebSocketConnection>();
        await using var server = await StartAsync([new IPEndPoint(IPAddress.Parse(listen), 0)], seen);
        var endPoint = Assert.IsType<IPEndPoint>(Assert.Single(server.EndPoints));
        Assert.NotEqual(0, endPoint.Port);

        await using var client = await WireClient.ConnectAsync(new IPEndPoint(IPAddress.Parse(connect), endPoint.Port));
        await AssertServedAsync(client);

        var connection = await seen.Task;
        Assert.Equal(endPoint.Port, Assert.IsType<IPEndPoint>(connection.LocalEndPoint).Port);
        Assert.True(IPAddress.IsLoopback(Assert.IsType<IPEndPoint>(connection.RemoteEndPoint).Address));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(125)]
    public async Task A_ping_is_answered_when_it_comes(int length)
    {
        await using var server = await StartServerAsync();
        await using var client = await server.OpenAsync();
        var payload = Enumerable.Range(0, length).Select(static place => (byte)place).ToArray();

        // Alone, behind a message, and one behind the other.
        await client.SendAsync(WireFrame.Masked(0x89, payload));
        await AssertAnsweredAsync(client, payload);
        await client.SendAsync(WireFrame.MaskedText("Hello"));
        Assert.Equal("Hello", (await client.ReadFrameAsync()).Text);
        await client.SendAsync(WireFrame.Masked(0x89, payload));
        await AssertAnsweredAsync(client, payload);
        await client.SendAsync([.. WireFrame.Masked(0x89, payload), .. WireFrame.Masked(0x89, payload)]);
        await AssertAnsweredAsync(client, payload);
        await AssertAnsweredAsync(client, payload);
    }

    [Fact]
    public async Task Several_end_points_are_served_at_once()
    {
        var any = new IPEndPoint(IPAddress.Loopback, 0);
        await using var server = await StartAsync([any, any, any]);

        Assert.Equal(3, server.EndPoints.Distinct().Count());
        foreach (var endPoint in server.EndPoints)
        {
            await using var client = await WireClient.ConnectAsync(endPoint);
            await AssertServedAsync(client);
        }
    }

    [Fact]
    public async Task A_Unix_socket_is_served_and_its_file_goes_with_the_server()
    {
        using var folder = new TemporaryFolder();
        var endPoint = new UnixDomainSocketEndPoint(folder.PathOf("socket"));
        await using (var server = await StartAsync([endPoint]))
        {
            await using var client = await WireClient.ConnectAsync(endPoint);
            await AssertServedAsync(client);

            await using var other = NewServer([endPoint]);
            await Assert.ThrowsAsync<IOException>(other.StartAsync);
            await using var next = await WireClient.ConnectAsync(endPoint);
            await AssertServedAsync(next);
        }

        Assert.False(File.Exists(endPoint.ToString()));
    }

    [Fact]
    public async Task A_socket_file_that_a_killed_process_left_is_replaced()
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("socket");
        using (var killed = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
        {
            killed.Bind(new UnixDomainSocketEndPoint(folder.PathOf("original")));
            File.Move(folder.PathOf("original"), path);
        }

        Assert.True(File.Exists(path));
        await using var server = await StartAsync([new UnixDomainSocketEndPoint(path)]);
        await using var client = await WireClient.ConnectAsync(new UnixDomainSocketEndPoint(path));
        await AssertServedAsync(client);
    }

    [Theory]
    [InlineData("")]
    [InlineData("somebody's data")]
    public async Task A_file_that_is_no_socket_is_left_alone(string content)
    {
        using var folder = new TemporaryFolder();
        var path = folder.PathOf("file");
        await File.WriteAllTextAsync(path, content);
        await using var server = NewServer([new UnixDomainSocketEndPoint(path)]);

        await Assert.ThrowsAsync<IOException>(server.StartAsync);

        Assert.Equal(content, await File.ReadAllTextAsync(path));
    }

    [Fact]
    public async Task Connections_that_are_reset_before_or_after_they_are_accepted_disturb_nobody()
    {
        await using var server = await StartServerAsync();
        await using var bystander = await server.OpenAsync();

        for (var round = 0; round < 20; round++)
        {
            var clients = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => server.ConnectAsync()));
            foreach (var client in clients)
                client.Abort();
        }

        await bystander.SendAsync(WireFrame.MaskedText("still here"));
        Assert.Equal("still here", (await bystander.ReadFrameAsync()).Text);
        await using var next = await server.ConnectAsync();
        await AssertServedAsync(next);
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 1);
        Assert.Empty(server.Log.AboveDebug);
    }

    // If TCP were closed while what the peer sends lies unread, the kernel would answer it with a reset, and that can overtake our close frame.
    [Fact]
    public async Task A_peer_that_still_sends_megabytes_sees_our_close_frame_and_an_orderly_end()
    {
        await using var server = await StartServerAsync(async (connection, token) =>
        {
            await connection.ReceiveAsync();
            _ = connection.CloseAsync((CloseCode)4000, "enough");
        });
        await using var client = await server.OpenAsync();
        var flood = WireFrame.Masked(0x82, new byte[100_000]);

        await client.SendAsync(WireFrame.MaskedText("go"));
        for (var count = 0; count < 100; count++)
            await client.SendAsync(flood);
        await client.SendAsync(WireFrame.MaskedClose(4000));
        for (var count = 0; count < 100; count++)
            await client.SendAsync(flood);

        var close = await client.ReadFrameAsync();
        Assert.Equal((0x88, 4000, "enough"), (close.First, close.CloseCode, close.CloseReason));
        Assert.True(await client.IsAtEndAsync());
        client.EndSending();
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task A_refused_peer_that_still_sends_sees_the_refusal_and_an_orderly_end()
    {
        await using var server = await StartServerAsync();
        await using var client = await server.ConnectAsync();

        await client.SendAsync("POST /upload HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000000\r\n\r\n");
        for (var count = 0; count < 200; count++)
            await client.SendAsync(new byte[100_000]);

        Assert.StartsWith("HTTP/1.1 405 ", await client.ReadHeadAsync(), StringComparison.Ordinal);
        await client.ReadToEndAsync();
        Assert.Empty(server.Log.AboveDebug);
    }

    [Fact]
    public async Task An_abort_is_a_reset_to_the_peer()
    {
        await using var server = await StartServerAsync(async (connection, _) =>
        {
            await connection.ReceiveAsync();
            connection.Abort();
        });
        await using var client = await server.OpenAsync();
        await client.SendAsync(WireFrame.MaskedText("go"));

        var error = await Assert.ThrowsAnyAsync<IOException>(() => client.ReadToEndAsync());

        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(error.InnerException).SocketErrorCode);
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
    }

    [Fact]
    public async Task Stopping_with_no_time_left_logs_no_error_whatever_connections_do_at_that_moment()
    {
        for (var round = 0; round < 10; round++)
        {
            await using var server = await StartServerAsync(configure: options => options.OnUpgrade = async (request, cancellationToken) =>
            {
                await Task.Yield();
                return UpgradeResponse.Accept();
            });
            var clients = await Task.WhenAll(Enumerable.Range(0, 50).Select(async number =>
            {
                var client = await server.ConnectAsync();
                await client.SendAsync((WireClient.Handshake + "\r\n")[..(number % 2 == 0 ? 20 : ^0)]);
                return client;
            }));

            await server.Server.StopAsync(new CancellationToken(true));

            Assert.DoesNotContain(server.Log.AboveDebug, entry => entry.StartsWith("Error", StringComparison.Ordinal));
            foreach (var client in clients)
                await client.DisposeAsync();
        }
    }

    private WebSocketServer NewServer(IList<EndPoint> endPoints, TaskCompletionSource<WebSocketConnection>? seen = null)
    {
        var server = new WebSocketServer(new() { EndPoints = endPoints, Transport = NewTransport() });
        server.Map("*", (connection, cancellationToken) =>
        {
            seen?.TrySetResult(connection);
            return TestServer.EchoAsync(connection, cancellationToken);
        });
        return server;
    }

    private async Task<WebSocketServer> StartAsync(IList<EndPoint> endPoints, TaskCompletionSource<WebSocketConnection>? seen = null)
    {
        var server = NewServer(endPoints, seen);
        await server.StartAsync();
        return server;
    }

    private static async Task AssertAnsweredAsync(WireClient client, byte[] payload)
    {
        var pong = await client.ReadFrameAsync();
        Assert.Equal((0xA, true), (pong.Opcode, pong.Fin));
        Assert.Equal(payload, pong.Payload);
    }

    private static async Task AssertServedAsync(WireClient client)
    {
        await client.OpenAsync();
        await client.SendAsync(WireFrame.MaskedText("Hello"));
        Assert.Equal("Hello", (await client.ReadFrameAsync()).Text);
        await client.SendAsync(WireFrame.MaskedClose(1000));
        Assert.Equal(1000, (await client.ReadFrameAsync()).CloseCode);
        Assert.True(await client.IsAtEndAsync());
        client.EndSending();
    }
}
