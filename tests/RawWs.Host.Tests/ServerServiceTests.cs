using System.Diagnostics.Metrics;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

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

    public void Dispose() => _folder.Delete(recursive: true);

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
