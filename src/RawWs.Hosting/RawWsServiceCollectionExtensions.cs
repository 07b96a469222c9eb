using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RawWs;
using RawWs.Hosting;
using RawWs.Hosting.Configuration;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds a WebSocket server to a host.</summary>
public static class RawWsServiceCollectionExtensions
{
    /// <summary>
    /// Adds a <see cref="WebSocketServer"/> that starts and stops with the host, logs where the host does, and takes its <see cref="TimeProvider"/>, if it has one. The server is a singleton that
    /// other services can have injected, to broadcast for example. Called again, it adds to the same server.
    /// </summary>
    /// <param name="services">The services of the host.</param>
    /// <param name="configure">Says where the server listens and what it serves.</param>
    public static IServiceCollection AddRawWs(this IServiceCollection services, Action<RawWsBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);

        AddServer(services);
        configure(new RawWsBuilder(services));
        return services;
    }

    /// <inheritdoc cref="AddRawWs(IServiceCollection, Action{RawWsBuilder})"/>
    /// <param name="services">The services of the host.</param>
    /// <param name="configuration">
    /// Options by their names: numbers; times as <c>00:00:20</c>, or <c>infinite</c>; enums by name; rates as <c>100</c> or <c>100:500</c> with a burst, or <c>none</c>; <c>EndPoints</c> as
    /// <c>http://localhost:3000</c>, <c>127.0.0.1:3000</c> or <c>unix:/path</c>; <c>OriginPolicy</c> by name or as a list of origins; and <c>Drain</c> for how to stop. It is read once, when the server
    /// is made. What is wrong in it, unknown names included, fails the start of the host with an <see cref="OptionsValidationException"/> that names every such key.
    /// </param>
    /// <param name="configure">Says what the server serves, and what else is to be set: after the configuration.</param>
    public static IServiceCollection AddRawWs(this IServiceCollection services, IConfigurationSection configuration, Action<RawWsBuilder> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(configure);

        AddServer(services);
        services.AddSingleton<IConfigureOptions<WebSocketServerOptions>>(new ConfiguredServer(configuration));
        services.AddSingleton<IConfigureOptions<DrainSettings>>(new ConfiguredDrain(configuration.GetSection(ConfiguredDrain.SectionName)));
        configure(new RawWsBuilder(services));
        return services;
    }

    private static void AddServer(IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(WebSocketServer)))
            return;

        services.AddOptions<WebSocketServerOptions>().Configure<IServiceProvider>(static (options, provider) =>
        {
            options.LoggerFactory = provider.GetService<ILoggerFactory>() ?? options.LoggerFactory;
            options.TimeProvider = provider.GetService<TimeProvider>() ?? options.TimeProvider;
        });
        services.AddOptions<DrainSettings>();
        services.AddSingleton(NewServer);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, WebSocketServerService>());
    }

    private static WebSocketServer NewServer(IServiceProvider provider)
    {
        var server = new WebSocketServer(provider.GetRequiredService<IOptions<WebSocketServerOptions>>().Value);
        foreach (var setup in provider.GetServices<ServerSetup>())
            setup.Apply(server, provider);

        return server;
    }
}
