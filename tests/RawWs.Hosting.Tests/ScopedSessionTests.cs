using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using RawWs.Testing;

namespace RawWs.Hosting.Tests;

public sealed class ScopedSessionTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Each_connection_has_a_session_and_a_scope_of_its_own()
    {
        var log = new Journal();
        await using var host = await TestHost.StartAsync(
            server => server.MapSession<CountingSession>("/count"), addServices: services => services.AddScoped<Counter>().AddSingleton(log));

        await using var first = await host.OpenAsync("/count");
        await using var second = await host.OpenAsync("/count");
        foreach (var (client, answer) in new[] { (first, "1"), (first, "2"), (second, "1") })
        {
            await client.SendAsync(WireFrame.MaskedText("count"));
            Assert.Equal(answer, (await client.ReadFrameAsync()).Text);
        }
    }

    [Fact]
    public async Task Session_and_scope_are_disposed_when_the_session_has_returned()
    {
        var log = new Journal();
        await using var host = await TestHost.StartAsync(
            server => server.MapSession<CountingSession>("/count"), addServices: services => services.AddScoped<Counter>().AddSingleton(log));
        await using var client = await host.OpenAsync("/count");

        await client.SendAsync(WireFrame.MaskedClose(1000));
        await log.CounterDisposed.Task.WaitAsync(LongestWait);

        Assert.Equal(["returned", "session disposed", "counter disposed"], log.Lines);
    }

    [Fact]
    public async Task A_session_that_waits_for_its_token_returns_when_the_server_stops()
    {
        await using var host = await TestHost.StartAsync(server => server.MapSession<WaitingSession>("/wait"));
        await using var client = await host.OpenAsync("/wait");

        var stopping = host.StopAsync();
        await client.ReadFrameAsync();
        await client.SendAsync(WireFrame.MaskedClose(1001));
        client.EndSending();

        await stopping.WaitAsync(LongestWait);
    }

    [Fact]
    public async Task A_class_that_is_registered_already_stays_as_it_is()
    {
        await using var host = await TestHost.StartAsync(server =>
        {
            server.Services.AddTransient<Counter>().AddSingleton<Journal>().AddSingleton<CountingSession>();
            server.MapSession<CountingSession>("/count");
        });

        // One session for all connections, and so one counter.
        await using var first = await host.OpenAsync("/count");
        await using var second = await host.OpenAsync("/count");
        foreach (var (client, answer) in new[] { (first, "1"), (second, "2"), (first, "3") })
        {
            await client.SendAsync(WireFrame.MaskedText("count"));
            Assert.Equal(answer, (await client.ReadFrameAsync()).Text);
        }
    }

    [Fact]
    public void A_class_that_is_not_is_one_for_all_of_its_scope()
    {
        var services = new ServiceCollection();
        services.AddRawWs(server => server.MapSession<CountingSession>("/count"));

        Assert.Equal(ServiceLifetime.Scoped, Assert.Single(services, service => service.ServiceType == typeof(CountingSession)).Lifetime);
    }

    [Fact]
    public async Task A_session_whose_dependencies_are_missing_costs_its_connection_and_nobody_elses()
    {
        await using var host = await TestHost.StartAsync(server => server.Map("/echo", TestServer.EchoAsync).MapSession<CountingSession>("/count"));

        await using var client = await host.OpenAsync("/count");
        Assert.Equal("03f3", Convert.ToHexStringLower((await client.ReadFrameAsync()).Payload)[..4]);

        await using var other = await host.OpenAsync("/echo");
        await other.SendAsync(WireFrame.MaskedText("Hello"));
        Assert.Equal("Hello", (await other.ReadFrameAsync()).Text);
    }

    private sealed class Journal
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public TaskCompletionSource CounterDisposed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Counter(Journal journal) : IDisposable
    {
        private int _count;

        public int Next() => ++_count;

        public void Dispose()
        {
            journal.Lines.Enqueue("counter disposed");
            journal.CounterDisposed.SetResult();
        }
    }

    private sealed class WaitingSession : IWebSocketSession
    {
        public Task RunAsync(WebSocketConnection connection, CancellationToken cancellationToken)
            => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }

    private sealed class CountingSession(Counter counter, Journal journal) : IWebSocketSession, IAsyncDisposable
    {
        public async Task RunAsync(WebSocketConnection connection, CancellationToken cancellationToken)
        {
            while (await connection.ReceiveAsync(cancellationToken) is not null)
                await connection.SendAsync(counter.Next().ToString(System.Globalization.CultureInfo.InvariantCulture), cancellationToken);

            journal.Lines.Enqueue("returned");
        }

        public ValueTask DisposeAsync()
        {
            journal.Lines.Enqueue("session disposed");
            return default;
        }
    }
}
