using Microsoft.Extensions.Logging;
using RawWs.Testing;
using RawWs.Tests.Server;

namespace RawWs.Tests.Diagnostics;

/// <summary>A log that throws, as that of the platform does when one of its providers can't write: nothing else fails by it.</summary>
public sealed class FailingLogTests
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Who_is_refused_takes_nobodys_place()
    {
        using var log = new FailingLog();
        await using var server = await TestServer.StartAsync(configure: options => (options.LoggerFactory, options.MaxConnections) = (log, 1));
        await using var first = await server.OpenAsync();
        await using (var second = server.Connect())
        {
            await second.SendAsync(WireClient.Handshake + "\r\n");
            Assert.StartsWith("HTTP/1.1 503 ", System.Text.Encoding.ASCII.GetString(await second.ReadToEndAsync()), StringComparison.Ordinal);
            second.EndSending();
        }

        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 1);
        await first.SendAsync(WireFrame.MaskedClose(1000));
        Assert.Equal(1000, (await first.ReadFrameAsync()).CloseCode);
        first.EndSending();

        await server.Server.StopAsync(TestContext.Current.CancellationToken).WaitAsync(LongestWait);
        Assert.Equal((0, 0, 0, 0), server.Server.Admission.Counts);
        Assert.True(log.Count > 0);
    }

    [Fact]
    public async Task A_connection_whose_session_fails_is_closed_and_counted()
    {
        using var log = new FailingLog();
        var (server, metrics) = await MetricsProbe.WatchAsync(() => TestServer.StartAsync((_, _) => throw new InvalidDataException("of the session"), options => options.LoggerFactory = log));
        await using (server)
        {
            await using var client = await server.OpenAsync();

            Assert.Equal(1011, (await client.ReadFrameAsync()).CloseCode);
            client.EndSending();
            await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
            Assert.Equal(0, metrics["rawws.connections.active"]);
            Assert.True(log.Count > 0);
        }

        metrics.Dispose();
    }

    [Fact]
    public async Task What_is_behind_a_handler_that_fails_is_told_to_the_others()
    {
        using var log = new FailingLog();
        var hasLeft = new TaskCompletionSource();
        WebSocketServer? own = null;
        await using var server = await TestServer.StartAsync(
            (connection, cancellationToken) =>
            {
                own!.Rooms["room"].Join(connection);
                return TestServer.EchoAsync(connection, cancellationToken);
            },
            options => options.LoggerFactory = log);
        own = server.Server;
        server.Server.Rooms.Left += (_, _) => throw new InvalidDataException("of the handler");
        server.Server.Rooms.Left += (_, _) => hasLeft.SetResult();
        await using var client = await server.OpenAsync();

        client.Abort();

        await hasLeft.Task.WaitAsync(LongestWait);
        await Eventually.HoldsAsync(() => server.Server.ConnectionCount == 0);
        Assert.True(log.Count > 0);
    }

    private sealed class FailingLog : ILoggerFactory, ILogger
    {
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            Interlocked.Increment(ref _count);
            throw new AggregateException("An error occurred while writing to logger(s).", new IOException("No space left on device."));
        }

        public void Dispose()
        {
        }
    }
}
