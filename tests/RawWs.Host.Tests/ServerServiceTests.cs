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

    public void Dispose() => _folder.Delete();

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
