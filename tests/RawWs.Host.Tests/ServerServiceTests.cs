using System.Diagnostics.Metrics;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RawWs.Testing;

namespace RawWs.Host.Tests;

public sealed class ServerServiceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rawws-service-");

    [Fact]
    public async Task A_certificate_that_is_none_is_not_tried_again_with_another_port()
    {
        var none = Path.Combine(_folder.FullName, "none.pem");
        using var loggers = new CountingLoggerFactory();
        await using var service = new ServerService(
            new HostOptions
            {
                Hosts = ["127.0.0.1", "127.0.0.2"],
                Port = 0,
                Tls = new TlsFiles { Certificates = [none], Keys = [none] },
                Dashboard = new DashboardOptions { IsEnabled = false },
            },
            loggers);

        var error = await Assert.ThrowsAsync<IOException>(() => service.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains(none, error.Message, StringComparison.Ordinal);
        Assert.Equal(1, loggers.ServerCount);
    }

    // It is the Unix socket, so that no port is free beside it.
    [Fact]
    public async Task What_was_made_for_a_port_that_is_taken_ends_with_it()
    {
        var (isOwn, openCount) = (new AsyncLocal<bool>(), 0);
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, own) =>
        {
            // Others make theirs in other tests.
            if (!isOwn.Value || instrument.Meter.Name != "RawWs.SocketIO")
                return;

            Interlocked.Increment(ref openCount);
            own.EnableMeasurementEvents(instrument);
        };
        listener.MeasurementsCompleted = (_, _) => Interlocked.Decrement(ref openCount);
        listener.Start();
        isOwn.Value = true;
        var place = new UnixDomainSocketEndPoint(Path.Combine(_folder.FullName, "taken"));
        using var taking = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        taking.Bind(place);
        taking.Listen();
        var service = new ServerService(
            new HostOptions
            {
                Hosts = ["127.0.0.1", "127.0.0.2"],
                Port = 0,
                UnixSocket = place,
                SocketIO = new SocketIOSettings { IsEnabled = true },
                Dashboard = new DashboardOptions { IsEnabled = false },
            },
            NullLoggerFactory.Instance);

        var error = await Assert.ThrowsAsync<IOException>(() => service.StartAsync(TestContext.Current.CancellationToken));
        Assert.IsType<SocketException>(error.InnerException);
        Assert.NotEqual(0, openCount);

        await service.DisposeAsync();
        Assert.Equal(0, openCount);
    }

    [Theory]
    [InlineData(CompressionMode.Off, null)]
    [InlineData(CompressionMode.Shared, "permessage-deflate; server_no_context_takeover; client_no_context_takeover")]
    [InlineData(CompressionMode.Dedicated, "permessage-deflate")]
    public async Task Compression_is_what_was_asked_for(CompressionMode mode, string? answer)
    {
        await using var service = await StartAsync(new HostOptions { Compression = mode });
        await using var client = await WireClient.ConnectAsync(service.EndPoints[0]);

        var head = await client.OpenAsync("Sec-WebSocket-Extensions: permessage-deflate\r\n");

        Assert.Equal(answer, new WireResponse(head, []).Field("Sec-WebSocket-Extensions"));
    }

    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    [InlineData("/metrics")]
    public async Task Nobody_keeps_what_is_told_of_the_server(string path)
    {
        await using var service = await StartAsync(new HostOptions());
        await using var client = await WireClient.ConnectAsync(service.EndPoints[0]);

        await client.SendAsync($"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var answer = await client.ReadResponseAsync();

        Assert.Equal((200, "no-store"), (answer.Status, answer.Field("Cache-Control")));
    }

    // The queue would take all of it, and what the system keeps between the two less than half.
    [Fact]
    public async Task Who_reads_a_room_too_slowly_is_sent_the_newest_where_that_is_asked_for()
    {
        const int Count = 500;
        await using var service = await StartAsync(new HostOptions { Limits = new() { SlowConsumer = SlowConsumerPolicy.Conflate, MaxQueueSize = 1 << 30, MaxQueueMemory = 1 << 30 } });
        await using var slow = await WireClient.ConnectAsync(service.EndPoints[0], receiveBufferSize: 4096);
        await using var sender = await WireClient.ConnectAsync(service.EndPoints[0]);
        foreach (var client in (WireClient[])[slow, sender])
        {
            // Whoever has had its own message back is a member.
            await client.OpenAsync(path: "/rooms/a");
            await client.SendAsync(WireFrame.MaskedText("here"));
            Assert.Equal("here", (await client.ReadFrameAsync()).Text);
        }

        var padding = new string('x', 64 << 10);
        for (var number = 1; number <= Count; number++)
        {
            await sender.SendAsync(WireFrame.MaskedText($"{number} {padding}"));
            Assert.StartsWith($"{number} ", (await sender.ReadFrameAsync()).Text, StringComparison.Ordinal);
        }

        var (seen, last) = (0, "");
        for (; last != $"{Count}"; seen++)
            last = (await slow.ReadFrameAsync()).Text.Split(' ')[0];

        Assert.InRange(seen, 1, Count - 1);
    }

    // No connection of his could be drained.
    [Fact]
    public async Task Who_polls_is_gone_when_the_server_has_stopped()
    {
        using var metrics = new MetricsCollector("RawWs.SocketIO");
        await using var service = await StartAsync(new HostOptions { SocketIO = new SocketIOSettings { IsEnabled = true } });
        await using var client = await WireClient.ConnectAsync(service.EndPoints[0]);
        await client.SendAsync("GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        Assert.Equal(200, (await client.ReadResponseAsync()).Status);
        Assert.Contains("rawws_socketio_sessions{rawws_transport=\"polling\"} 1\n", metrics.Write(), StringComparison.Ordinal);

        await service.StopAsync(TestContext.Current.CancellationToken);

        Assert.DoesNotContain("rawws_socketio_sessions{rawws_transport=\"polling\"} 1\n", metrics.Write(), StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static async Task<ServerService> StartAsync(HostOptions options)
    {
        var service = new ServerService(options with { Hosts = ["127.0.0.1"], Port = 0 }, NullLoggerFactory.Instance);
        await service.StartAsync(TestContext.Current.CancellationToken);
        return service;
    }

    /// <summary>Counts servers: each has a logger of its own.</summary>
    private sealed class CountingLoggerFactory : ILoggerFactory
    {
        public int ServerCount { get; private set; }

        public ILogger CreateLogger(string categoryName)
        {
            ServerCount += categoryName == HostLog.Category ? 1 : 0;
            return NullLogger.Instance;
        }

        public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
