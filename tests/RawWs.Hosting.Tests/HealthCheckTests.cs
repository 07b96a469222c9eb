using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using RawWs.Testing;

namespace RawWs.Hosting.Tests;

public sealed class HealthCheckTests
{
    [Fact]
    public async Task It_is_healthy_from_the_start_of_the_server_until_that_begins_to_stop()
    {
        await using var host = TestHost.New(
            server => server.Map("/echo", TestServer.EchoAsync), addServices: services => services.AddHealthChecks().AddRawWs());
        Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(host)).Status);

        await host.StartAsync();
        await using var client = await host.OpenAsync();
        var started = await CheckAsync(host);
        Assert.Equal(HealthStatus.Healthy, started.Status);
        Assert.Equal(1, started.Data["connections"]);

        var stopping = host.StopAsync();
        await client.ReadFrameAsync();
        var draining = await CheckAsync(host);
        Assert.Equal(HealthStatus.Unhealthy, draining.Status);
        Assert.Equal(1, draining.Data["connections"]);

        await client.SendAsync(WireFrame.MaskedClose(1001));
        client.EndSending();
        await stopping;
        Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(host)).Status);
    }

    [Fact]
    public async Task What_it_says_otherwise_and_its_name_are_the_applications_choice()
    {
        await using var host = TestHost.New(
            server => server.Map("/echo", TestServer.EchoAsync), addServices: services => services.AddHealthChecks().AddRawWs("chat", HealthStatus.Degraded, ["ready"]));

        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(check => check.Tags.Contains("ready"));

        Assert.Equal(HealthStatus.Degraded, report.Entries["chat"].Status);
    }

    private static async Task<HealthReportEntry> CheckAsync(TestHost host)
        => (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync()).Entries["rawws"];
}
