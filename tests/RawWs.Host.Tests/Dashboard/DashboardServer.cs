using System.Net;
using RawWs.Testing;
using RawWs.Transport;

namespace RawWs.Host.Tests;

/// <summary>A server in this process that has nothing but an echo and a dashboard, and whose clients come from wherever a test says.</summary>
internal sealed class DashboardServer : IAsyncDisposable
{
    /// <summary>A token that can be one.</summary>
    public const string Token = "0123456789abcdef+/=&%";

    private readonly MetricsCollector _metrics = new("RawWs");
    private readonly TestServer _server;

    private DashboardServer(TestServer server, MetricsCollector metrics) => (_server, _metrics) = (server, metrics);

    public static async Task<DashboardServer> StartAsync(string? token)
    {
        var metrics = new MetricsCollector("RawWs");
        var server = await TestServer.StartAsync(map: server =>
        {
            var sampler = new DashboardSampler(server, metrics, new HostOptions(), TimeProvider.System);
            new Dashboard(new DashboardOptions { Token = token }, sampler, TimeProvider.System, new RecordingLoggerFactory()).MapTo(server);
        });
        return new DashboardServer(server, metrics);
    }

    /// <summary>Connects from somewhere; null for a Unix socket.</summary>
    public WireClient ConnectFrom(EndPoint? peer)
    {
        var (ours, theirs) = InMemoryConnection.CreatePair();
        _ = _server.Server.ServeAsync(new PlacedConnection(ours, peer));
        return WireClient.Over(theirs);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _metrics.Dispose();
    }

    private sealed class PlacedConnection(InMemoryConnection inner, EndPoint? peer) : TransportConnection
    {
        public override System.IO.Pipelines.PipeReader Input => inner.Input;

        public override System.IO.Pipelines.PipeWriter Output => inner.Output;

        public override EndPoint? RemoteEndPoint => peer;

        public override void Abort() => inner.Abort();

        public override ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
