using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RawWs.Testing;

namespace RawWs.Hosting.Tests;

public sealed class HostedServerTests
{
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
