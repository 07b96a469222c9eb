using System.Net;

namespace RawWs.Conformance.Tests;

/// <summary>An echo server in this process, on a loopback port that is free, with the limits of the host program.</summary>
public sealed class EchoServer : IAsyncDisposable
{
    /// <summary>The host's default, and what the cases take for granted.</summary>
    public const int MaxMessageSize = 16 << 20;

    private readonly WebSocketServer _server;

    private EchoServer(WebSocketServer server)
        => (_server, Target, EventsTarget) = (server, new Uri($"ws://{server.EndPoints[0]}/echo"), new Uri($"ws://{server.EndPoints[0]}/events"));

    /// <summary>Where a session steps through its messages.</summary>
    public Uri Target { get; }

    /// <summary>Where a handler is called with each.</summary>
    public Uri EventsTarget { get; }

    /// <summary>How many connections it still has.</summary>
    public int ConnectionCount => _server.ConnectionCount;

    public static async Task<EchoServer> StartAsync(CompressionMode compression, Action<WebSocketServerOptions>? configure = null)
    {
        var options = new WebSocketServerOptions
        {
            EndPoints = [new IPEndPoint(IPAddress.Loopback, 0)],
            MaxMessageSize = MaxMessageSize,
            Compression = compression,

            // What the server has written and not sent would leave with the next ping of its own.
            KeepAliveInterval = TimeSpan.FromDays(1),
        };
        configure?.Invoke(options);

        var server = new WebSocketServer(options);
        server.Map("/echo", async (connection, cancellationToken) =>
        {
            await foreach (var message in connection.ReadMessagesAsync(cancellationToken))
                await connection.SendAsync(message, cancellationToken);
        });
        server.Map("/events", new WebSocketEvents { OnMessage = static (connection, message) => connection.SendAsync(message) });
        await server.StartAsync();
        return new EchoServer(server);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource();
        await now.CancelAsync();
        await _server.StopAsync(now.Token);
        await _server.DisposeAsync();
    }
}
