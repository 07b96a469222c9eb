using RawWs.Testing;
using RawWs.Transport;

namespace RawWs.Tests.Transport;

/// <summary>Tests of a server on the loopback interface that run over every transport: a class that derives from theirs names another one.</summary>
public abstract class LoopbackTests
{
    /// <summary>What connections come through.</summary>
    protected virtual ITransport NewTransport() => new SocketTransport();

    /// <summary>Event loops, where there are any; else the test is skipped. A machine that is busy makes none of them stall, unless the options say when they do.</summary>
    internal static EventLoopTransport NewEventLoop(EventLoopTransportOptions? options = null)
    {
        Assert.SkipUnless(EventLoopTransport.IsSupported, "This system has no event loops.");
        return new EventLoopTransport(options ?? new() { LoopCount = 2, StallTimeout = LoopbackServer.NeverStalls });
    }

    /// <inheritdoc cref="LoopbackServer.StartAsync"/>
    protected Task<LoopbackServer> StartServerAsync(
        Func<WebSocketConnection, CancellationToken, Task>? session = null, Action<WebSocketServerOptions>? configure = null, Action<WebSocketServer>? map = null)
        => LoopbackServer.StartAsync(session, options =>
        {
            options.Transport = NewTransport();
            configure?.Invoke(options);
        }, map);
}
