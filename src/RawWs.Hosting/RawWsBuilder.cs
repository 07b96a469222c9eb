using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace RawWs.Hosting;

/// <summary>Says what the server of a host is like and what it serves. Nothing happens before the host makes the server, once.</summary>
/// <remarks>Not thread-safe, like the collection of services that it adds to.</remarks>
public sealed class RawWsBuilder
{
    internal RawWsBuilder(IServiceCollection services) => Services = services;

    /// <summary>What the server's services are added to.</summary>
    public IServiceCollection Services { get; }

    /// <summary>Sets options. They come after those of the configuration, in the order of the calls, and so have the last word.</summary>
    /// <param name="configure">Called once, before the server is made.</param>
    public RawWsBuilder Configure(Action<WebSocketServerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.Configure(configure);
        return this;
    }

    /// <summary>Sets options that need services, such as <see cref="WebSocketServerOptions.OnUpgrade"/>.</summary>
    /// <inheritdoc cref="Configure(Action{WebSocketServerOptions})"/>
    /// <param name="configure">Called once, before the server is made, with the services of the host; not with those of a scope.</param>
    public RawWsBuilder Configure(Action<WebSocketServerOptions, IServiceProvider> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.AddOptions<WebSocketServerOptions>().Configure(configure);
        return this;
    }

    /// <summary>Sets how the server stops when the host does. The host's own <c>ShutdownTimeout</c> is a deadline beside it.</summary>
    /// <param name="options">How. Default: all connections at once, with 1001.</param>
    /// <exception cref="ArgumentException">The window is longer than the timeout.</exception>
    public RawWsBuilder DrainWith(DrainOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (DrainSettings.WhyImpossible(options) is { } reason)
            throw new ArgumentException(reason, nameof(options));

        Services.Configure<DrainSettings>(settings => settings.Options = options);
        return this;
    }

    /// <summary>Maps what there is no method for here, such as HTTP routes and files.</summary>
    /// <param name="configure">
    /// Called once, when the server has been made and not been started, with it and the services of the host. It must not ask them for what needs the
    /// <see cref="WebSocketServer"/> itself: that is what is being made.
    /// </param>
    public RawWsBuilder ConfigureServer(Action<WebSocketServer, IServiceProvider> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.AddSingleton(new ServerSetup(configure));
        return this;
    }

    /// <summary>Lets <paramref name="session"/> serve a path.</summary>
    /// <param name="path">As for <see cref="WebSocketServer.Map(string, Func{WebSocketConnection, CancellationToken, Task})"/>. A wrong one is noticed when the server is made.</param>
    /// <param name="session">As there.</param>
    public RawWsBuilder Map(string path, Func<WebSocketConnection, CancellationToken, Task> session)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(session);
        return ConfigureServer((server, _) => server.Map(path, session));
    }

    /// <summary>Lets event handlers serve a path.</summary>
    /// <param name="path">As for <see cref="Map(string, Func{WebSocketConnection, CancellationToken, Task})"/>.</param>
    /// <param name="events">The handlers.</param>
    public RawWsBuilder Map(string path, WebSocketEvents events)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(events);
        return ConfigureServer((server, _) => server.Map(path, events));
    }

    /// <summary>
    /// Lets a class serve a path. Each connection gets an instance from a scope of its own, and both are disposed when the session has returned. The class is registered as
    /// scoped, unless it is registered already.
    /// </summary>
    /// <typeparam name="TSession">The class.</typeparam>
    /// <param name="path">As for <see cref="Map(string, Func{WebSocketConnection, CancellationToken, Task})"/>.</param>
    public RawWsBuilder MapSession<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TSession>(string path)
        where TSession : class, IWebSocketSession
    {
        ArgumentNullException.ThrowIfNull(path);
        Services.TryAddScoped<TSession>();
        return ConfigureServer((server, services) => server.Map(path, new ScopedSession<TSession>(services.GetRequiredService<IServiceScopeFactory>()).RunAsync));
    }
}
