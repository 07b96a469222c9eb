using System.Net;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RawWs.Testing;

namespace RawWs.Hosting.Tests;

public sealed class HostedServerTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task The_server_starts_and_stops_with_the_host()
    {
        await using var host = TestHost.New(server => server.Map("/echo", TestServer.EchoAsync));
        Assert.False(host.Server.IsReady);

        await host.StartAsync();
        Assert.True(host.Server.IsReady);
        await using var client = await host.OpenAsync();
        await client.SendAsync(WireFrame.MaskedText("Hello"));
        Assert.Equal("Hello", (await client.ReadFrameAsync()).Text);

        var stopping = host.StopAsync();
        Assert.Equal("03e9" + Hex("the server is stopping"), Convert.ToHexStringLower((await client.ReadFrameAsync()).Payload));
        await client.SendAsync(WireFrame.MaskedClose(1001));
        client.EndSending();
        await stopping;
        Assert.False(host.Server.IsReady);
    }

    [Fact]
    public async Task It_drains_as_it_is_told()
    {
        await using var host = await TestHost.StartAsync(server => server
            .Map("/echo", TestServer.EchoAsync)
            .DrainWith(new DrainOptions { CloseCode = CloseCode.ServiceRestart, Reason = "soon back" }));
        await using var client = await host.OpenAsync();

        var stopping = host.StopAsync();
        Assert.Equal("03f4" + Hex("soon back"), Convert.ToHexStringLower((await client.ReadFrameAsync()).Payload));
        await client.SendAsync(WireFrame.MaskedClose(1012));
        client.EndSending();
        await stopping;
    }

    // Who does not know of life cycles only stops it, and has it drained all the same.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_deadline_of_the_host_ends_a_drain_that_nobody_answers(bool hasLifeCycle)
    {
        await using var host = await TestHost.StartAsync(
            server => server.Map("/echo", TestServer.EchoAsync).DrainWith(new DrainOptions { CloseCode = CloseCode.ServiceRestart, Reason = "soon back" }),
            addServices: services => services.AddSingleton<TimeProvider>(new ManualTimeProvider()));
        await using var client = await host.OpenAsync();
        var service = host.Services.GetServices<IHostedService>().OfType<WebSocketServerService>().Single();

        using var deadline = new CancellationTokenSource();
        var stopping = hasLifeCycle ? service.StoppingAsync(deadline.Token) : service.StopAsync(deadline.Token);
        try
        {
            Assert.False(stopping.IsCompleted);
            Assert.Equal("03f4" + Hex("soon back"), Convert.ToHexStringLower((await client.ReadFrameAsync()).Payload));
            Assert.False(stopping.IsCompleted);

            await deadline.CancelAsync();
            await stopping.WaitAsync(LongestWait);
        }
        finally
        {
            // What has failed is not to be waited for as well.
            client.Abort();
        }
    }

    // A session that uses a service of the host finds it running to the end.
    [Fact]
    public async Task It_has_drained_before_any_other_service_stops()
    {
        var order = new List<string>();
        await using var host = await TestHost.StartAsync(
            server => server.Map("/echo", async (connection, cancellationToken) =>
            {
                await TestServer.EchoAsync(connection, cancellationToken);
                order.Add("session");
            }),
            addServices: services => services.AddHostedService(_ => new Neighbour(() => order.Add("neighbour"))));
        await using var client = await host.OpenAsync();

        var stopping = host.StopAsync();
        await client.ReadFrameAsync();
        await client.SendAsync(WireFrame.MaskedClose(1001));
        client.EndSending();
        await stopping;

        Assert.Equal(["session", "neighbour"], order);
    }

    [Fact]
    public async Task Other_services_broadcast_through_the_server_that_is_injected()
    {
        await using var host = await TestHost.StartAsync(server => server.Map("*", TestServer.EchoAsync), addServices: services => services.AddSingleton<Announcer>());
        await using var client = await host.OpenAsync();

        // Who has had an answer is among everybody.
        await client.SendAsync(WireFrame.MaskedText("here"));
        Assert.Equal("here", (await client.ReadFrameAsync()).Text);

        host.Services.GetRequiredService<Announcer>().Announce("tea is ready");

        Assert.Equal("tea is ready", (await client.ReadFrameAsync()).Text);
    }

    [Fact]
    public async Task Event_handlers_and_http_routes_are_mapped_too()
    {
        await using var host = await TestHost.StartAsync(server => server
            .Map("/events", new WebSocketEvents { OnMessage = (connection, message) => connection.SendAsync("heard " + message.GetText()) })
            .ConfigureServer((server, services) => server.MapGet("/who", (_, _) => new(HttpResponse.Text(services.GetRequiredService<Greeting>().Text)))),
            addServices: services => services.AddSingleton(new Greeting("it is me")));

        await using var client = await host.OpenAsync("/events");
        await client.SendAsync(WireFrame.MaskedText("this"));
        Assert.Equal("heard this", (await client.ReadFrameAsync()).Text);

        await using var browser = host.Transport.Connect();
        await browser.SendAsync("GET /who HTTP/1.1\r\nHost: x\r\n\r\n");
        Assert.Equal("it is me", (await browser.ReadResponseAsync()).Text);
    }

    [Fact]
    public async Task It_logs_where_the_host_does_and_keeps_the_time_of_the_host()
    {
        var (log, time) = (new RecordingLoggerFactory(), new ManualTimeProvider());
        WebSocketServerOptions? seen = null;
        await using var host = await TestHost.StartAsync(
            server => server.Map("/echo", TestServer.EchoAsync).Configure((options, services) => seen = services.GetService<Greeting>() is null ? options : null),
            addServices: services => services.AddSingleton<ILoggerFactory>(log).AddSingleton<TimeProvider>(time));

        Assert.Same(log, seen?.LoggerFactory);
        Assert.Same(time, seen?.TimeProvider);
        Assert.Contains(log.AboveDebug, line => line.StartsWith("Information: RawWs listens on 127.0.0.1:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_logs_each_end_point()
    {
        var log = new RecordingLoggerFactory();
        await using var host = await TestHost.StartAsync(
            server => server.Map("/echo", TestServer.EchoAsync).Configure(options => options.EndPoints.Add(new IPEndPoint(IPAddress.IPv6Loopback, 0))),
            addServices: services => services.AddSingleton<ILoggerFactory>(log));

        Assert.Equal(["RawWs listens on 127.0.0.1:0", "RawWs listens on [::1]:0"], ListeningIn(log));
    }

    [Fact]
    public async Task A_log_and_a_clock_that_are_set_for_the_server_alone_win_over_those_of_the_host()
    {
        var (log, others, time) = (new RecordingLoggerFactory(), new RecordingLoggerFactory(), new ManualTimeProvider());
        await using var host = await TestHost.StartAsync(
            server => server.Map("/echo", TestServer.EchoAsync).Configure(options => (options.LoggerFactory, options.TimeProvider) = (log, time)),
            addServices: services => services.AddSingleton<ILoggerFactory>(others).AddSingleton(TimeProvider.System));

        Assert.Same(time, OptionsOf(host.Services).TimeProvider);
        Assert.Single(ListeningIn(log));
        Assert.Empty(ListeningIn(others));
    }

    [Fact]
    public async Task Services_that_have_neither_a_log_nor_a_clock_make_a_server_all_the_same()
    {
        await using var services = new ServiceCollection().AddRawWs(server => server.Map("/echo", TestServer.EchoAsync)).BuildServiceProvider();

        Assert.NotNull(services.GetRequiredService<WebSocketServer>());
        Assert.Same(new WebSocketServerOptions().LoggerFactory, OptionsOf(services).LoggerFactory);
        Assert.Same(TimeProvider.System, OptionsOf(services).TimeProvider);
    }

    [Fact]
    public async Task Options_are_set_and_the_server_is_set_up_in_the_order_of_the_calls()
    {
        var order = new List<string>();
        await using var host = await TestHost.StartAsync(server => server
            .Map("/echo", TestServer.EchoAsync)
            .Configure(options => options.MaxMessageSize = 1_000)
            .Configure((options, _) => options.MaxMessageSize *= 2)
            .Configure(options => options.MaxMessageSize += 1)
            .ConfigureServer((_, _) => order.Add("first"))
            .ConfigureServer((_, _) => order.Add("second")));

        Assert.Equal(2_001, OptionsOf(host.Services).MaxMessageSize);
        Assert.Equal(["first", "second"], order);
    }

    [Fact]
    public async Task Added_twice_it_is_one_server_that_serves_both()
    {
        await using var host = await TestHost.StartAsync(
            server => server.Map("/echo", TestServer.EchoAsync),
            addServices: services => services.AddRawWs(server => server.Map("/other", TestServer.EchoAsync)));

        Assert.Single(host.Services.GetServices<WebSocketServer>());
        Assert.Single(host.Services.GetServices<IHostedService>().OfType<WebSocketServerService>());
        await using var first = await host.OpenAsync("/echo");
        await using var second = await host.OpenAsync("/other");
        Assert.Equal(2, host.Server.ConnectionCount);
    }

    [Fact]
    public async Task A_path_that_is_mapped_twice_fails_the_start()
    {
        await using var host = TestHost.New(server => server.Map("/echo", TestServer.EchoAsync).Map("/echo", TestServer.EchoAsync));

        await Assert.ThrowsAsync<ArgumentException>(host.StartAsync);
    }

    [Fact]
    public void A_drain_that_is_impossible_is_refused_before_the_stop()
        => Assert.Throws<ArgumentException>("options", () => TestHost.New(
            server => server.DrainWith(new DrainOptions { Window = TimeSpan.FromSeconds(2), Timeout = TimeSpan.FromSeconds(1) })));

    [Fact]
    public async Task A_window_may_take_all_of_the_timeout()
    {
        var options = new DrainOptions { Window = TimeSpan.FromSeconds(2), Timeout = TimeSpan.FromSeconds(2) };
        await using var host = TestHost.New(server => server.DrainWith(options));

        Assert.Equal(options, host.Services.GetRequiredService<IOptions<DrainSettings>>().Value.Options);
    }

    private static WebSocketServerOptions OptionsOf(IServiceProvider services) => services.GetRequiredService<IOptions<WebSocketServerOptions>>().Value;

    private static IEnumerable<string> ListeningIn(RecordingLoggerFactory log)
        => log.Entries.Select(entry => entry.Message).Where(message => message.Contains("listens on", StringComparison.Ordinal));

    private static string Hex(string text) => Convert.ToHexStringLower(Encoding.ASCII.GetBytes(text));

    private sealed record Greeting(string Text);

    private sealed class Announcer(WebSocketServer server)
    {
        public void Announce(string text) => server.Everyone.Broadcast(text);
    }

    private sealed class Neighbour(Action stopped) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            stopped();
            return Task.CompletedTask;
        }
    }
}
