using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RawWs.Testing;

namespace RawWs.Hosting.Tests;

/// <summary>A host whose server is in memory, and which reads nothing of the machine that it runs on.</summary>
internal sealed class TestHost : IAsyncDisposable
{
    private readonly IHost _host;

    private TestHost(IHost host, InMemoryTransport transport) => (_host, Transport) = (host, transport);

    public InMemoryTransport Transport { get; }

    public IServiceProvider Services => _host.Services;

    public WebSocketServer Server => Services.GetRequiredService<WebSocketServer>();

    /// <summary>A host that has not been started.</summary>
    /// <param name="configure">Says what the server serves.</param>
    /// <param name="settings">The section RawWs of its configuration; none for a server that is not configured.</param>
    /// <param name="addServices">Adds more services, after the server.</param>
    public static TestHost New(Action<RawWsBuilder> configure, Dictionary<string, string?>? settings = null, Action<IServiceCollection>? addServices = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        var transport = new InMemoryTransport();
        void Configure(RawWsBuilder server)
        {
            server.Configure(options =>
            {
                options.Transport = transport;
                options.EndPoints.Add(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
            });
            configure(server);
        }

        if (settings is null)
        {
            builder.Services.AddRawWs(Configure);
        }
        else
        {
            builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create("RawWs:" + setting.Key, setting.Value)));
            builder.Services.AddRawWs(builder.Configuration.GetSection("RawWs"), Configure);
        }

        addServices?.Invoke(builder.Services);
        return new TestHost(builder.Build(), transport);
    }

    public static async Task<TestHost> StartAsync(Action<RawWsBuilder> configure, Dictionary<string, string?>? settings = null, Action<IServiceCollection>? addServices = null)
    {
        var host = New(configure, settings, addServices);
        await host.StartAsync();
        return host;
    }

    public Task StartAsync() => _host.StartAsync();

    public Task StopAsync() => _host.StopAsync();

    public async Task<WireClient> OpenAsync(string path = "/echo")
    {
        var client = Transport.Connect();
        await client.OpenAsync(path: path);
        return client;
    }

    public async ValueTask DisposeAsync() => await ((IAsyncDisposable)_host).DisposeAsync();
}
