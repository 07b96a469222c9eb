using System.Net;
using System.Net.Sockets;
using RawWs.Testing;
using RawWs.Transport;

namespace RawWs.Tests.Server;

public sealed class StartingTests
{
    private static readonly IPEndPoint AnyPort = new(IPAddress.Loopback, 0);

    [Fact]
    public async Task A_server_is_started_once()
    {
        await using var server = await TestServer.StartAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => server.Server.StartAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => server.Server.RunAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_server_that_was_stopped_is_not_started()
    {
        await using var server = new WebSocketServer(new() { EndPoints = [AnyPort] });
        server.Map("*", TestServer.EchoAsync);
        await server.StopAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(server.StartAsync);
        Assert.Empty(server.EndPoints);
    }

    [Fact]
    public async Task Without_an_end_point_a_server_starts_only_if_it_is_told_to()
    {
        await using var forgotten = new WebSocketServer(new());
        forgotten.Map("*", TestServer.EchoAsync);
        await Assert.ThrowsAsync<InvalidOperationException>(forgotten.StartAsync);
        Assert.False(forgotten.IsReady);

        await using var inside = new WebSocketServer(new() { AllowNoEndPoints = true });
        inside.Map("*", TestServer.EchoAsync);
        await inside.StartAsync();
        Assert.True(inside.IsReady);
    }

    [Theory]
    [InlineData("default")]
    [InlineData("sockets")]
    [InlineData("event loops")]
    public void An_end_point_of_a_kind_that_nobody_listens_on_is_refused_when_the_server_is_made(string transport)
    {
        var options = new WebSocketServerOptions
        {
            EndPoints = [AnyPort, new DnsEndPoint("localhost", 0)],
            Transport = transport switch { "default" => null, "sockets" => new SocketTransport(), _ => new EventLoopTransport() },
        };

        var error = Assert.Throws<ArgumentException>("options", () => new WebSocketServer(options));

        Assert.Contains("is an IPEndPoint, a UnixDomainSocketEndPoint or an InheritedEndPoint; 'Unspecified/localhost:0' is a DnsEndPoint", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_brings_a_transport_may_have_end_points_of_his_own_kind()
    {
        await using var server = new WebSocketServer(new() { EndPoints = [new DnsEndPoint("localhost", 0)], Transport = new InMemoryTransport() });
        server.Map("*", TestServer.EchoAsync);

        await server.StartAsync();

        Assert.IsType<DnsEndPoint>(Assert.Single(server.EndPoints));
    }

    [Fact]
    public async Task A_path_is_mapped_before_the_start()
    {
        await using var server = await TestServer.StartAsync();

        Assert.Throws<InvalidOperationException>(() => server.Server.Map("/late", TestServer.EchoAsync));
        Assert.Throws<InvalidOperationException>(() => server.Server.Map("/late", new WebSocketEvents()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("echo")]
    [InlineData("/a*")]
    [InlineData("/a?b")]
    [InlineData("/a#b")]
    [InlineData("**")]
    public async Task A_malformed_path_is_not_mapped(string path)
    {
        await using var server = new WebSocketServer(new());
        Assert.Throws<ArgumentException>(nameof(path), () => server.Map(path, TestServer.EchoAsync));
    }

    [Fact]
    public async Task A_path_is_mapped_once()
    {
        await using var server = new WebSocketServer(new());
        server.Map("/echo", TestServer.EchoAsync);
        server.Map("*", TestServer.EchoAsync);

        Assert.Throws<ArgumentException>(() => server.Map("/echo", TestServer.EchoAsync));
        Assert.Throws<ArgumentException>(() => server.Map("*", TestServer.EchoAsync));
        await Assert.ThrowsAsync<ArgumentException>(() => server.RunAsync(TestServer.EchoAsync));
        server.Map("/Echo", TestServer.EchoAsync);
    }

    [Fact]
    public async Task A_server_with_nowhere_to_listen_or_nothing_to_serve_does_not_start()
    {
        await using var nowhere = new WebSocketServer(new());
        nowhere.Map("*", TestServer.EchoAsync);
        Assert.Contains("EndPoints", (await Assert.ThrowsAsync<InvalidOperationException>(nowhere.StartAsync)).Message, StringComparison.Ordinal);

        await using var nothing = new WebSocketServer(new() { EndPoints = [AnyPort] });
        Assert.Contains("Map", (await Assert.ThrowsAsync<InvalidOperationException>(nothing.StartAsync)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_in_use_leaves_nothing_listening()
    {
        var taken = new TcpListener(AnyPort);
        taken.Start();
        var transport = new RecordingTransport();
        await using var server = new WebSocketServer(new() { EndPoints = [AnyPort, (IPEndPoint)taken.LocalEndpoint, AnyPort], Transport = transport });
        server.Map("*", TestServer.EchoAsync);

        var error = await Assert.ThrowsAsync<IOException>(server.StartAsync);

        Assert.Contains(taken.LocalEndpoint.ToString()!, error.Message, StringComparison.Ordinal);
        Assert.Empty(server.EndPoints);
        var opened = Assert.Single(transport.EndPoints);
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(() => probe.ConnectAsync(opened));
        taken.Stop();
    }

    // Its transport may have listeners whose closing fails, as that of any may.
    [Fact]
    public async Task An_end_point_that_can_not_be_had_closes_all_others_and_is_what_is_told_even_if_closing_them_fails()
    {
        var (log, inUse) = (new RecordingLoggerFactory(), new IOException("in use"));
        var transport = new ListeningTransport { Failure = new UnauthorizedAccessException("can't be closed"), OnListen = count => Fail(count == 3 ? inUse : null) };
        await using var server = new WebSocketServer(new() { EndPoints = [AnyPort, AnyPort, AnyPort], Transport = transport, LoggerFactory = log });
        server.Map("*", TestServer.EchoAsync);

        Assert.Same(inUse, await Record.ExceptionAsync(server.StartAsync));

        Assert.Equal([true, true], transport.Listeners.Take(2).Select(listener => listener.IsDisposed));
        Assert.Equal(2, log.Entries.Count(entry => entry.Error == transport.Failure));
    }

    [Fact]
    public async Task A_server_that_is_stopped_while_it_starts_closes_all_listeners_even_if_closing_one_fails()
    {
        var transport = new ListeningTransport { Failure = new IOException("can't be closed") };
        await using var server = new WebSocketServer(new() { EndPoints = [AnyPort, AnyPort], Transport = transport });
        server.Map("*", TestServer.EchoAsync);
        transport.OnListen = count => Assert.True(count < 2 || server.StopAsync().Wait(TimeSpan.FromSeconds(30)));

        await server.StartAsync();

        Assert.Equal([true, true], transport.Listeners.Select(listener => listener.IsDisposed));
    }

    [Fact]
    public async Task RunAsync_runs_until_it_is_cancelled_and_closes_with_1001()
    {
        var transport = new InMemoryTransport();
        using var stopping = new CancellationTokenSource();
        await using var server = new WebSocketServer(new() { EndPoints = [AnyPort], Transport = transport });
        var running = server.RunAsync(TestServer.EchoAsync, stopping.Token);
        await using var client = transport.Connect();
        await client.OpenAsync();
        Assert.False(running.IsCompleted);

        await stopping.CancelAsync();

        Assert.Equal(1001, (await client.ReadFrameAsync()).CloseCode);
        await client.SendAsync(WireFrame.MaskedClose(1001));
        client.EndSending();
        await running.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task RunAsync_whose_token_is_cancelled_already_stops_at_once()
    {
        await using var server = new WebSocketServer(new() { EndPoints = [AnyPort], Transport = new InMemoryTransport() });
        await server.RunAsync(TestServer.EchoAsync, new CancellationToken(true)).WaitAsync(TimeSpan.FromSeconds(30));
    }

    private static void Fail(Exception? error)
    {
        if (error is not null)
            throw error;
    }

    private sealed class RecordingTransport : RawWs.Transport.ITransport
    {
        private readonly RawWs.Transport.SocketTransport _sockets = RawWs.Transport.SocketTransport.For(
            new(10, TimeSpan.Zero, 4096), TimeProvider.System);

        public List<EndPoint> EndPoints { get; } = [];

        public RawWs.Transport.ITransportListener Listen(EndPoint endPoint)
        {
            var listener = _sockets.Listen(endPoint);
            EndPoints.Add(listener.EndPoint);
            return listener;
        }
    }
}
